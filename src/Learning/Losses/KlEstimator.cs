namespace Forge.Learning.Losses;

/// <summary>Estimators of KL(policy ‖ reference) from the policy's own tokens, of d = log π − log π_ref.</summary>
public enum KlEstimator
{
    /// <summary>d: unbiased, may be negative, high variance.</summary>
    K1 = 1,

    /// <summary>d² / 2: biased value, but its gradient on the policy's own tokens is the unbiased one.</summary>
    K2 = 2,

    /// <summary>exp(−d) − 1 + d: unbiased and never negative.</summary>
    K3 = 3,

    /// <summary>|d|: for watching, not an estimate of KL.</summary>
    Absolute = 4,
}
