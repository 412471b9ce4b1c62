using System.Collections.Immutable;
using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>
/// The data pool, as the agent side sees it: gives out tickets in dispatch order, on leases. Every method may be repeated when an
/// answer was lost.
/// </summary>
public interface IGroupDispatcher
{
    /// <summary>
    /// Waits until one more group may be in flight (fewer than M dispatched and not yet trained, and the pacing for S allows it), gives
    /// it the next dispatch index, and keeps it. Episodes whose lease was lost, or that broke, are offered before any new group.
    /// </summary>
    Task<DispatchReply> DispatchAsync(DispatchRequest request, CancellationToken cancellationToken);

    /// <summary>Extends leases by their full duration from now. Returns those that the worker no longer has: it should stop their episodes.</summary>
    Task<ImmutableArray<long>> RenewAsync(WorkerId worker, ImmutableArray<long> leases, CancellationToken cancellationToken);

    /// <summary>Hands tickets back unfinished, as a worker does that is asked to stop: they are offered again at once, and it counts as no failure.</summary>
    Task ReleaseAsync(WorkerId worker, ImmutableArray<long> leases, CancellationToken cancellationToken);
}
