namespace Forge.Learning.Losses;

/// <summary>How a KL penalty is estimated.</summary>
public sealed record KlOptions
{
    public KlEstimator Estimator { get; init; } = KlEstimator.K3;

    /// <summary>Keeps the estimator's value but takes the gradient of k2, which is unbiased for the reverse KL on the policy's own tokens.</summary>
    public bool StraightThrough { get; init; }

    /// <summary>d is clamped to ± this first; null clamps nothing.</summary>
    public double? LogRatioClamp { get; init; } = 20;

    /// <summary>The estimate is clamped to ± this; null clamps nothing.</summary>
    public double? OutputClamp { get; init; }
}
