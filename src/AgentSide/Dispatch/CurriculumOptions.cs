using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Forge.AgentSide.Dispatch;

/// <summary>How often each level is asked while training.</summary>
public sealed class CurriculumOptions : IValidatableObject
{
    /// <summary>Relative weights of the environment's levels, in their order; empty weighs all the same.</summary>
    public ImmutableArray<double> LevelWeights { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (LevelWeights.Any(weight => !(weight >= 0) || double.IsInfinity(weight)) || (!LevelWeights.IsEmpty && LevelWeights.Sum() <= 0))
        {
            yield return new ValidationResult(
                $"[{string.Join(", ", LevelWeights)}]: weights are at least 0, and one of them is above 0", [nameof(LevelWeights)]);
        }
    }
}
