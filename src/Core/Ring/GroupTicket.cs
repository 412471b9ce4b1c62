using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>The permission to run episodes of one group, given in dispatch order, as long as its lease is renewed.</summary>
/// <param name="Id">The dispatch index.</param>
/// <param name="Task">What to ask.</param>
/// <param name="DispatchedAt">The newest policy version at the group's first dispatch.</param>
/// <param name="Episodes">The ids of the episodes to run: all of the group, or the places that an earlier ticket left unfinished.</param>
/// <param name="Lease">Whose it is.</param>
/// <param name="LeaseDuration">Renew well before this has passed; infinite for the worker inside the pool's process.</param>
public sealed record GroupTicket(
    GroupId Id,
    TaskReference Task,
    PolicyVersion DispatchedAt,
    ImmutableArray<EpisodeId> Episodes,
    GroupLease Lease,
    TimeSpan LeaseDuration);
