using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool;

/// <summary>A group in flight, as the schedule knows it.</summary>
internal sealed class PoolEntry(StoredGroup group, long startedAt)
{
    public StoredGroup Group { get; } = group;

    /// <summary>A timestamp of the time provider: when it was dispatched, last.</summary>
    public long StartedAt { get; set; } = startedAt;

    /// <summary>Episodes without a result.</summary>
    public HashSet<EpisodeId> Remaining { get; } =
        [.. group.Episodes.Where(episode => !episode.IsFinished).Select(episode => episode.Id)];
}
