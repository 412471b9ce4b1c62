using System.ComponentModel.DataAnnotations;

namespace Forge.AgentSide.Rewards;

/// <summary>How an episode's steps are rewarded, before the trainer weighs the parts.</summary>
public sealed class RewardOptions
{
    /// <summary>Taken off the process reward of a completion that is malformed, cut off or empty.</summary>
    [Range(0.0, 1.0)]
    public double MalformedPenalty { get; init; } = 1.0;

    /// <summary>Taken off the process reward for each call of an unknown tool or with bad arguments; a completion loses at most 1.</summary>
    [Range(0.0, 1.0)]
    public double InvalidCallPenalty { get; init; } = 0.5;

    public SpeedBasis SpeedBasis { get; init; } = SpeedBasis.Turns;

    /// <summary>The baseline of <see cref="SpeedBasis.WallClock"/>.</summary>
    public TimeSpan BaselineTime { get; init; } = TimeSpan.FromSeconds(10);
}
