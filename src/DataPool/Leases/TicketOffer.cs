using Forge.Core.Ring;

namespace Forge.DataPool.Leases;

/// <summary>What the schedule has for a worker that asks.</summary>
/// <param name="IsAdmitted">False when it has to wait.</param>
/// <param name="Undelivered">A ticket that the worker holds and does not know of.</param>
/// <param name="Offered">A group with places that nobody plays.</param>
/// <param name="Next">The next dispatch index.</param>
/// <param name="UntilLeaseEnds">When to look again although nothing has changed; null for never.</param>
internal readonly record struct TicketOffer(
    bool IsAdmitted, GroupTicket? Undelivered, PoolEntry? Offered, GroupId Next, TimeSpan? UntilLeaseEnds);
