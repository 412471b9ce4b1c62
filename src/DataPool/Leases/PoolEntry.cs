using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Leases;

/// <summary>A group in flight, as the schedule knows it.</summary>
internal sealed class PoolEntry(StoredGroup group, long startedAt)
{
    public StoredGroup Group { get; } = group;

    /// <summary>A timestamp of the time provider: when it was dispatched, last.</summary>
    public long StartedAt { get; set; } = startedAt;

    /// <summary>Places without a result, by their present attempt.</summary>
    public Dictionary<EpisodeId, OpenPlace> Remaining { get; } = group.Episodes
        .Where(episode => !episode.IsFinished)
        .ToDictionary(episode => episode.Id, episode => new OpenPlace(episode));

    /// <summary>Places that nobody plays.</summary>
    public IEnumerable<OpenPlace> Offered => Remaining.Values.Where(place => place.IsOffered);

    /// <summary>True from the decision to give it up until that is written.</summary>
    public bool IsDoomed { get; set; }
}
