// P trajectory tokens

using static TorchSharp.torch;

namespace Forge.Learning.Losses;

/// <summary>Adds a KL penalty and an entropy bonus to a policy loss, token by token with the same weights.</summary>
/// <remarks>L' = L + Σ_t weight_t · (kl · k(log π(t) − log π_old(t)) − entropy · H_t).</remarks>
public sealed class PenalizedLoss(IPolicyLoss inner, PenaltyOptions options) : IPolicyLoss
{
    public LossOutputs Evaluate(PolicyLossInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var outputs = inner.Evaluate(input);
        var loss = outputs.Loss;
        if (options.KlWeight != 0)
        {
            var divergence_P = KlPenalty.PerToken(input.LogProb_P, input.OldLogProb_P, options.Kl);
            loss += (input.Weight_P * divergence_P).sum() * options.KlWeight;
        }

        if (options.EntropyWeight != 0)
        {
            var entropy_P = input.Entropy_P ?? throw new ArgumentException("An entropy bonus needs the entropies.", nameof(input));
            loss -= (input.Weight_P * entropy_P).sum() * options.EntropyWeight;
        }

        return new LossOutputs(
            loss.MoveToOuterDisposeScope(), outputs.Ratio_P.MoveToOuterDisposeScope(), outputs.Clipped_P.MoveToOuterDisposeScope());
    }
}
