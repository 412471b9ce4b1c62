namespace Forge.Learning.Losses;

/// <summary>Bounds of CISPO's importance weight.</summary>
public sealed record CispoOptions
{
    /// <summary>The weight is clipped at 1 + this; ignored when <see cref="EpsilonCap"/> is set.</summary>
    public double EpsilonHigh { get; init; } = 4.0;

    /// <summary>The weight is clipped from below at 1 − this; null leaves it free, as the papers do.</summary>
    public double? EpsilonLow { get; init; }

    /// <summary>The other spelling: the weight is clipped at this absolute bound.</summary>
    public double? EpsilonCap { get; init; }

    /// <summary>Log-ratios are clamped to ± this before they are exponentiated; null clamps nothing.</summary>
    public double? LogRatioClamp { get; init; } = 20;

    public double UpperBound => EpsilonCap ?? (1 + EpsilonHigh);

    public double LowerBound => EpsilonLow is { } low ? 1 - low : 0;
}
