using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Leases;

/// <summary>A place of a group that has no result yet, and who plays it.</summary>
/// <param name="attempt">The present attempt.</param>
/// <param name="endedBefore">How many episodes had ended well when it began.</param>
internal sealed class OpenPlace(StoredEpisode attempt, long endedBefore = 0)
{
    public long EndedBefore => endedBefore;

    /// <summary>The present attempt; with the failures that count against the place.</summary>
    public StoredEpisode Attempt { get; private set; } = attempt;

    /// <summary>True when nobody plays it: the next ticket of the group names it.</summary>
    public bool IsOffered { get; private set; } = attempt.Lease is null;

    /// <summary>Takes the place away from whoever plays it.</summary>
    /// <param name="isFailure">Whether that counts against it; a restart or an orderly stop does not.</param>
    public void Offer(bool isFailure)
    {
        Attempt = Attempt with { Failures = Attempt.Failures + (isFailure ? 1 : 0) };
        IsOffered = true;
    }

    /// <summary>The attempt that a new ticket names: one that nobody was ever told of stays, any other is replaced.</summary>
    public StoredEpisode Under(GroupLease lease, GroupId group)
        => (Attempt.Lease is null ? Attempt : Attempt.NextAttempt(group)) with { Lease = lease };
}
