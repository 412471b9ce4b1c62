using System.ComponentModel.DataAnnotations;

namespace Forge.Trainer;

/// <summary>How rewards become advantages and advantages a loss (docs/losses.md). Section <c>algorithm</c>.</summary>
public sealed class AlgorithmOptions
{
    /// <summary>Name of the policy loss.</summary>
    public string Loss { get; init; } = "cispo";

    /// <summary>The importance weight is clipped at 1 + this.</summary>
    [Range(0.0, 1000.0)]
    public double EpsilonHigh { get; init; } = 4.0;

    /// <summary>The importance weight is clipped from below at 1 − this; unset leaves it free.</summary>
    [Range(0.0, 1.0)]
    public double? EpsilonLow { get; init; }

    /// <summary>The other spelling of the upper bound: the importance weight is clipped at this; unset takes <see cref="EpsilonHigh"/>.</summary>
    [Range(0.0, 1000.0)]
    public double? EpsilonCap { get; init; }

    /// <summary>α: weight of the process rewards (malformed calls and wrong format).</summary>
    [Range(0.0, 100.0)]
    public double ProcessWeight { get; init; } = 0.2;

    /// <summary>β: weight of the speed reward.</summary>
    [Range(0.0, 100.0)]
    public double SpeedWeight { get; init; } = 0.05;

    /// <summary>γ: discount per completion of the reward-to-go.</summary>
    [Range(0.0, 1.0)]
    public double Discount { get; init; } = 1.0;

    /// <summary>Divide a group's advantages by the standard deviation of its returns.</summary>
    public bool NormalizeByStd { get; init; }
}
