namespace Forge.Learning.Losses;

/// <summary>Bounds of the clipped surrogate.</summary>
public sealed record ClippedRatioOptions
{
    /// <summary>The ratio is clipped at 1 − this; 0.2 as in PPO.</summary>
    public double EpsilonLow { get; init; } = 0.2;

    /// <summary>The ratio is clipped at 1 + this; 0.28 as in DAPO, which keeps rare tokens alive.</summary>
    public double EpsilonHigh { get; init; } = 0.28;

    /// <summary>Dual clip: where the advantage is negative, the loss is at most −A times this (greater than 1); null bounds nothing.</summary>
    public double? DualClip { get; init; }

    /// <summary>The unclipped branch's ratio is capped at this; null caps nothing.</summary>
    public double? RatioCap { get; init; }

    /// <summary>Log-ratios are clamped to ± this before they are exponentiated; null clamps nothing.</summary>
    public double? LogRatioClamp { get; init; } = 20;
}
