using System.ComponentModel.DataAnnotations;
using Forge.Core.Aggregation;
using Forge.Learning.Losses;
using Forge.Trainer.Algorithms;

namespace Forge.Trainer;

/// <summary>How rewards become advantages and advantages a loss (docs/losses.md). Section <c>algorithm</c>.</summary>
public sealed class AlgorithmOptions : IValidatableObject
{
    /// <summary>Which policy loss; what is left unset below is as that loss was published.</summary>
    public LossName Loss { get; init; } = LossName.Cispo;

    /// <summary>The importance ratio is clipped at 1 + this; unset takes the loss's own (cispo 4, grpo and dr_grpo 0.2, dapo 0.28, gspo 0.0004).</summary>
    [Range(0.0, 1000.0)]
    public double? EpsilonHigh { get; init; }

    /// <summary>The importance ratio is clipped from below at 1 − this; unset takes the loss's own (cispo none, gspo 0.0003, else 0.2).</summary>
    [Range(0.0, 1.0)]
    public double? EpsilonLow { get; init; }

    /// <summary>CISPO's other spelling of the upper bound: the importance weight is clipped at this; unset takes <see cref="EpsilonHigh"/>.</summary>
    [Range(0.0, 1000.0)]
    public double? EpsilonCap { get; init; }

    /// <summary>What each token's loss is divided by, always counted over trajectories; unset takes the loss's own.</summary>
    public AggregationMode? Normalizer { get; init; }

    /// <summary>The constant number of tokens that dr_grpo's normaliser divides by.</summary>
    [Range(1.0, 1e9)]
    public double NormalizerLength { get; init; } = 1024;

    /// <summary>Weight of the policy's entropy, as a bonus; 0 leaves it out.</summary>
    [Range(0.0, 100.0)]
    public double EntropyWeight { get; init; }

    /// <summary>Weight of the KL divergence from the policy that the tokens were drawn from; 0 leaves it out.</summary>
    [Range(0.0, 100.0)]
    public double KlWeight { get; init; }

    /// <summary>How that divergence is estimated.</summary>
    public KlEstimator KlEstimator { get; init; } = KlEstimator.K3;

    /// <summary>α: weight of the process rewards (malformed calls and wrong format).</summary>
    [Range(0.0, 100.0)]
    public double ProcessWeight { get; init; } = 0.2;

    /// <summary>β: weight of the speed reward.</summary>
    [Range(0.0, 100.0)]
    public double SpeedWeight { get; init; } = 0.05;

    /// <summary>γ: discount per completion of the reward-to-go.</summary>
    [Range(0.0, 1.0)]
    public double Discount { get; init; } = 1.0;

    /// <summary>Divide a group's advantages by the standard deviation of its returns; unset: grpo, dapo and gspo do.</summary>
    public bool? NormalizeByStd { get; init; }

    /// <summary>Send each recorded token through the experts that the rollout chose, so that both sides compute the same function.</summary>
    public bool RouterReplay { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (EpsilonCap is not null && Loss != LossName.Cispo)
        {
            yield return new ValidationResult("only cispo has a cap; leave it out, or use epsilon_high", [nameof(EpsilonCap)]);
        }
    }
}
