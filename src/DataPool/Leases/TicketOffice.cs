using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Leases;

/// <summary>Gives out tickets, one at a time: one that was lost on the way, then places that nobody plays, then a new group.</summary>
/// <remarks>
/// The store is written before memory changes. A place's result and its replacement may race: the store takes the one that comes first,
/// and the ticket names what the store gave.
/// </remarks>
internal sealed class TicketOffice(PoolState state, Undertaker undertaker) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public async Task<DispatchReply> DispatchAsync(DispatchRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Episodes, 1);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                await state.EnsureCertainAsync();
                var (offer, changed) = state.Watch(schedule => Look(schedule, request));
                await undertaker.GiveUpDoomedAsync();
                if (await TryAnswerAsync(request, offer) is { } reply)
                {
                    return reply;
                }

                if (!offer.IsAdmitted)
                {
                    await state.WaitAsync(changed, offer.UntilLeaseEnds, cancellationToken);
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public ImmutableArray<long> Renew(WorkerId worker, ImmutableArray<long> leases)
        => state.With(schedule => schedule.Places.Leases.Renew(worker, leases));

    public void Release(WorkerId worker, ImmutableArray<long> leases)
        => state.Change(schedule => schedule.Places.Release(worker, leases, schedule.Version.Next));

    public void Dispose() => _turn.Dispose();

    private static TicketOffer Look(PoolSchedule schedule, DispatchRequest request)
    {
        var leases = schedule.Places.Leases;
        if (leases.Undelivered(request.Worker, request.Held) is { } lease && schedule.Places.Find(lease.Group) is { } entry)
        {
            var episodes = lease.Remaining.OrderBy(episode => entry.Remaining[episode].Attempt.IndexInGroup);
            return new TicketOffer(true, Ticket(schedule, entry.Group, episodes, lease.Identity), null, schedule.NextIndex, null);
        }

        var isAdmitted = schedule.TryAdmit(out var offered);
        return new TicketOffer(isAdmitted, null, offered, schedule.NextIndex, leases.UntilNext);
    }

    private async Task<DispatchReply?> TryAnswerAsync(DispatchRequest request, TicketOffer offer) => offer switch
    {
        { Undelivered: { } ticket } => new DispatchReply(ticket, offer.Next),
        { IsAdmitted: false } => null,
        { Offered: { } offered } => await GiveAgainAsync(offered, request.Worker) is { } again ? new DispatchReply(again, offer.Next) : null,
        _ when request.Next != offer.Next => new DispatchReply(null, offer.Next),
        _ => await GiveNewAsync(request),
    };

    // What is written from here on is not given up half-way: the next dispatch index depends on it.
    private async Task<DispatchReply> GiveNewAsync(DispatchRequest request)
    {
        var (lease, version) = state.With(schedule => (schedule.Places.Leases.Next(request.Worker), schedule.Version));
        var attempts = Enumerable.Range(0, request.Episodes)
            .Select(index => StoredEpisode.Create(request.Next, index, attempt: 0) with { Lease = lease });
        var group = new StoredGroup(request.Next, request.Task, version, IsFinished: false, [.. attempts], LastEvent: default);
        await state.WriteAsync(store => store.AddGroupAsync(group));
        state.Change(schedule => schedule.Add(group, lease));
        return state.With(schedule => new DispatchReply(
            Ticket(schedule, group, group.Episodes.Select(episode => episode.Id), lease), schedule.NextIndex));
    }

    // Null when results came first after all: then the group lacks nothing, or it is offered again with what it still lacks.
    private async Task<GroupTicket?> GiveAgainAsync(PoolEntry offered, WorkerId worker)
    {
        var id = offered.Group.Id;
        var (lease, attempts) = state.With(schedule =>
        {
            var next = schedule.Places.Leases.Next(worker);
            return (next, offered.Offered.Select(place => place.Under(next, id)).ToList());
        });
        ImmutableArray<StoredEpisode> given;
        try
        {
            given = await state.WriteAsync(store => store.AddAttemptsAsync(id, attempts));
        }
        catch
        {
            state.Change(schedule => schedule.Places.Offer(id));
            throw;
        }

        GroupTicket? ticket = null;
        state.Change(schedule =>
        {
            if (!given.IsEmpty && schedule.Places.Find(id) is { } entry)
            {
                schedule.Places.Give(entry, lease, given);
                ticket = Ticket(schedule, entry.Group, given.Select(attempt => attempt.Id), lease);
            }
        });
        return ticket;
    }

    private static GroupTicket Ticket(PoolSchedule schedule, StoredGroup group, IEnumerable<EpisodeId> episodes, GroupLease lease)
        => new(group.Id, group.Task, group.DispatchedAt, [.. episodes], lease, schedule.Places.Leases.DurationFor(lease.Worker));
}
