namespace Forge.AgentSide.Rewards;

/// <summary>What the speed reward compares with its baseline.</summary>
public enum SpeedBasis
{
    /// <summary>Completions of the episode, against those of a faultless player.</summary>
    Turns,

    /// <summary>Wall-clock time, tools and waiting included, against a fixed duration.</summary>
    WallClock,
}
