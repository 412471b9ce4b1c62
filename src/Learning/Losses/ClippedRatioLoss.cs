// P trajectory tokens

using static TorchSharp.torch;

namespace Forge.Learning.Losses;

/// <summary>
/// PPO's clipped surrogate per token (arXiv 1707.06347), the policy loss of GRPO, Dr. GRPO and DAPO: these differ in the
/// advantages and token weights that they are given.
/// </summary>
/// <remarks>
/// L = Σ_t weight_t · max(−A_t · min(r_t, cap), −A_t · clip(r_t, 1 − ε_low, 1 + ε_high)), for A_t &lt; 0 at most −A_t · c (dual clip,
/// arXiv 1912.09729). A clipped token has no gradient: this is what CISPO changes.
/// </remarks>
public sealed class ClippedRatioLoss(ClippedRatioOptions options) : IPolicyLoss
{
    public LossOutputs Evaluate(PolicyLossInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var logRatio_P = input.LogProb_P - input.OldLogProb_P;
        if (options.LogRatioClamp is { } limit)
        {
            logRatio_P = logRatio_P.clamp(-limit, limit);
        }

        var ratio_P = logRatio_P.exp();
        var free_P = -input.Advantage_P * (options.RatioCap is { } cap ? ratio_P.clamp_max(cap) : ratio_P);
        var clipped_P = -input.Advantage_P * ratio_P.clamp(1 - options.EpsilonLow, 1 + options.EpsilonHigh);
        var loss_P = free_P.maximum(clipped_P);
        if (options.DualClip is { } bound)
        {
            var bounded_P = loss_P.minimum(-input.Advantage_P * bound);
            loss_P = where(input.Advantage_P.lt(0), bounded_P, loss_P);
        }

        var loss = (input.Weight_P * loss_P).sum();
        return new LossOutputs(
            loss.MoveToOuterDisposeScope(),
            ratio_P.detach().MoveToOuterDisposeScope(),
            clipped_P.gt(free_P).MoveToOuterDisposeScope());
    }
}
