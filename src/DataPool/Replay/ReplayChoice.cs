namespace Forge.DataPool.Replay;

/// <summary>What of a recording is replayed, and with which rewards.</summary>
/// <param name="From">The first recorded step; null for the first there is.</param>
/// <param name="Rewards">Null for those that were recorded.</param>
public sealed record ReplayChoice(long? From = null, RewardVersion? Rewards = null);
