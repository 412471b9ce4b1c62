// P trajectory tokens

using static TorchSharp.torch;

namespace Forge.Learning.Losses;

/// <summary>GSPO: clips one importance ratio per sequence, the geometric mean of its tokens' ratios (arXiv 2507.18071).</summary>
/// <remarks>
/// L = Σ_t weight_t · max(−A_t · s_i, −A_t · clip(s_i, 1 − ε_low, 1 + ε_high)),  s_i = exp(mean over the tokens of sequence i of log π − log π_old).
/// The means need whole sequences: none may be divided between two evaluations.
/// </remarks>
public sealed class GspoLoss(GspoOptions options) : IPolicyLoss
{
    public LossOutputs Evaluate(PolicyLossInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var mean_P = SequenceMeans(input.LogProb_P - input.OldLogProb_P, input.Sequence_P);
        var logRatio_P = options.IsCoupled ? mean_P : input.LogProb_P - input.LogProb_P.detach() + mean_P.detach();
        var ratio_P = (options.LogRatioCap is { } cap ? logRatio_P.clamp_max(cap) : logRatio_P).exp();
        var free_P = -input.Advantage_P * ratio_P;
        var clipped_P = -input.Advantage_P * ratio_P.clamp(1 - options.EpsilonLow, 1 + options.EpsilonHigh);
        var loss = (input.Weight_P * free_P.maximum(clipped_P)).sum();
        return new LossOutputs(
            loss.MoveToOuterDisposeScope(),
            ratio_P.detach().MoveToOuterDisposeScope(),
            clipped_P.gt(free_P).MoveToOuterDisposeScope());
    }

    // There are at most as many sequences as tokens, so no count has to come from the device.
    private static Tensor SequenceMeans(Tensor values_P, Tensor sequence_P)
    {
        using var scope = NewDisposeScope();
        var sums_P = zeros_like(values_P).index_add(0, sequence_P, values_P, 1);
        var counts_P = zeros_like(values_P).index_add(0, sequence_P, ones_like(values_P), 1);
        return (sums_P / counts_P.clamp_min(1)).index_select(0, sequence_P).MoveToOuterDisposeScope();
    }
}
