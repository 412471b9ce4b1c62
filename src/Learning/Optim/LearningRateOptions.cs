using System.ComponentModel.DataAnnotations;

namespace Forge.Learning.Optim;

/// <summary>Settings of the learning-rate schedule.</summary>
public sealed record LearningRateOptions
{
    /// <summary>The highest rate, reached at the end of warm-up.</summary>
    [Range(0.0, 10.0)]
    public double Peak { get; init; } = 1e-4;

    /// <summary>Steps over which the rate rises linearly from Peak / WarmupSteps; 0 starts at the peak.</summary>
    [Range(0, int.MaxValue)]
    public int WarmupSteps { get; init; }

    public LearningRateShape Shape { get; init; } = LearningRateShape.Constant;

    /// <summary>Step at which the final rate is reached; not used by a constant rate.</summary>
    [Range(0, int.MaxValue)]
    public int TotalSteps { get; init; }

    /// <summary>The final rate as a fraction of the peak; not used by a constant rate.</summary>
    [Range(0.0, 1.0)]
    public double FinalFraction { get; init; }
}
