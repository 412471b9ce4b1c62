using Forge.Core.Ring;

namespace Forge.DataPool.Stores;

/// <summary>One attempt at one place of a group.</summary>
/// <param name="Id">Unique within the run; every attempt has its own.</param>
/// <param name="IndexInGroup">The place, from 0.</param>
/// <param name="Attempt">From 0; the fencing number: it grows by one each time somebody else takes the place over.</param>
/// <param name="IsFinished">True when it has a result.</param>
public sealed record StoredEpisode(EpisodeId Id, int IndexInGroup, int Attempt, bool IsFinished)
{
    /// <summary>Earlier attempts at the place that broke or lost their lease; a restart of everything is no failure of the task's.</summary>
    public int Failures { get; init; }

    /// <summary>Who plays it; null when it has not been given out.</summary>
    public GroupLease? Lease { get; init; }

    /// <summary>Names an attempt such that it can be found in logs: <c>g17-e3</c>, and <c>g17-e3-a1</c> for the second one.</summary>
    public static StoredEpisode Create(GroupId group, int indexInGroup, int attempt)
    {
        var suffix = attempt == 0 ? "" : $"-a{attempt}";
        return new StoredEpisode(new EpisodeId($"g{group}-e{indexInGroup}{suffix}"), indexInGroup, attempt, IsFinished: false);
    }

    /// <summary>The attempt that replaces this one, not given out yet.</summary>
    public StoredEpisode NextAttempt(GroupId group) => Create(group, IndexInGroup, Attempt + 1) with { Failures = Failures };
}
