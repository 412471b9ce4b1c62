namespace Forge.Core.Mismatch;

/// <summary>What an importance weight is taken over.</summary>
public enum ImportanceLevel
{
    /// <summary>Each token has its own ratio: biased, low variance.</summary>
    Token = 0,

    /// <summary>Every token has the product of its trajectory's ratios: unbiased, high variance.</summary>
    Trajectory = 1,
}
