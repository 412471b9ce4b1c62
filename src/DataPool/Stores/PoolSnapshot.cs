using System.Collections.Immutable;
using Forge.Core.Ring;

namespace Forge.DataPool.Stores;

/// <summary>What a store remembers of a run, short of its completions.</summary>
/// <param name="Dispatched">Groups dispatched so far: the next dispatch index.</param>
/// <param name="Version">The newest acknowledged version; the initial one before the first.</param>
/// <param name="Expired">Groups consumed as failed.</param>
/// <param name="InFlight">Groups not consumed, in dispatch order.</param>
public sealed record PoolSnapshot(long Dispatched, PolicyVersion Version, long Expired, ImmutableArray<StoredGroup> InFlight)
{
    /// <summary>The highest token of a lease that was ever given out; 0 before the first.</summary>
    public long LastLease { get; init; }

    /// <summary>Groups consumed as failed while the schedule's record, whose end a crash may have cut, still has them running.</summary>
    public ImmutableArray<GroupId> GivenUpUnrecorded { get; init; } = [];

    /// <summary>Groups in the dead-letter table.</summary>
    public long DeadLetters { get; init; }
}
