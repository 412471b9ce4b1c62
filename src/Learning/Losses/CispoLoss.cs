// P trajectory tokens

using static TorchSharp.torch;

namespace Forge.Learning.Losses;

/// <summary>
/// CISPO: every token keeps its gradient, weighted by its clipped importance ratio
/// (MiniMax-M1, arXiv 2506.13585 eq. 4–5; MiniMax-M2, arXiv 2605.26494 eq. 2–3).
/// </summary>
/// <remarks>L = − Σ_t weight_t · sg(clip(r_t, lower, upper)) · A_t · log π(t),  r = exp(clamp(log π − log π_old)).</remarks>
public sealed class CispoLoss(CispoOptions options) : IPolicyLoss
{
    public LossOutputs Evaluate(PolicyLossInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var logRatio_P = input.LogProb_P.detach() - input.OldLogProb_P;
        if (options.LogRatioClamp is { } limit)
        {
            logRatio_P = logRatio_P.clamp(-limit, limit);
        }

        var ratio_P = logRatio_P.exp();
        var importance_P = ratio_P.clamp(options.LowerBound, options.UpperBound);
        var loss = (input.Weight_P * importance_P * input.Advantage_P * input.LogProb_P).sum().neg();
        var clipped_P = ratio_P.gt(options.UpperBound).logical_or(ratio_P.lt(options.LowerBound));
        return new LossOutputs(
            loss.MoveToOuterDisposeScope(), ratio_P.MoveToOuterDisposeScope(), clipped_P.MoveToOuterDisposeScope());
    }
}
