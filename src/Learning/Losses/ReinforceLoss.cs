// P trajectory tokens

using static TorchSharp.torch;

namespace Forge.Learning.Losses;

/// <summary>REINFORCE: L = − Σ_t weight_t · A_t · log π(t). Unbiased when the tokens come from the policy that is trained; no ratio corrects it.</summary>
public sealed class ReinforceLoss : IPolicyLoss
{
    private const double LogRatioLimit = 20;

    public LossOutputs Evaluate(PolicyLossInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var loss = (input.Weight_P * input.Advantage_P * input.LogProb_P).sum().neg();
        var ratio_P = (input.LogProb_P.detach() - input.OldLogProb_P).clamp(-LogRatioLimit, LogRatioLimit).exp();
        var clipped_P = zeros_like(ratio_P, dtype: ScalarType.Bool);
        return new LossOutputs(
            loss.MoveToOuterDisposeScope(), ratio_P.MoveToOuterDisposeScope(), clipped_P.MoveToOuterDisposeScope());
    }
}
