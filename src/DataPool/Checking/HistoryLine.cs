using System.Collections.Immutable;

namespace Forge.DataPool.Checking;

/// <summary>One line of a history: something that a client asked of the pool, or the answer that it got. JSON Lines on disk, one file per process.</summary>
public sealed record HistoryLine
{
    /// <summary>When, by the clock of the process; for people and for measuring recoveries, never for order.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What happened.</summary>
    public required HistoryEvent Event { get; init; }

    /// <summary>True for the answer; false for the call. A call without an answer may or may not have taken effect.</summary>
    public bool IsAcknowledged { get; init; }

    /// <summary>A completion's or an episode's id; empty for other events.</summary>
    public string Id { get; init; } = "";

    /// <summary>The groups of a step, in order; the group of a skip.</summary>
    public ImmutableArray<long> Groups { get; init; } = [];

    /// <summary>The version of a step or of a checkpoint that was recovered.</summary>
    public long Version { get; init; }
}
