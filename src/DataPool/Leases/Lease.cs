using Forge.Core.Ring;

namespace Forge.DataPool.Leases;

/// <summary>One ticket that a worker holds.</summary>
internal sealed class Lease(GroupLease identity, GroupId group, IEnumerable<EpisodeId> episodes)
{
    public GroupLease Identity { get; } = identity;

    public GroupId Group { get; } = group;

    /// <summary>What was given out and has no result yet.</summary>
    public HashSet<EpisodeId> Remaining { get; } = [.. episodes];

    /// <summary>When it ends, since the table was made; the largest value for one without a limit.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.MaxValue;
}
