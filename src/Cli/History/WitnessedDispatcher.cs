using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Checking;

namespace Forge.Cli.History;

/// <summary>Notes which episodes were given to this worker.</summary>
internal sealed class WitnessedDispatcher(IGroupDispatcher inner, HistoryLog log) : IGroupDispatcher
{
    public async Task<DispatchReply> DispatchAsync(DispatchRequest request, CancellationToken cancellationToken)
    {
        var reply = await inner.DispatchAsync(request, cancellationToken);
        await Task.WhenAll((reply.Ticket?.Episodes ?? []).Select(
            episode => log.AppendAsync(new HistoryLine { Event = HistoryEvent.Dispatch, Id = episode.Value, IsAcknowledged = true })));
        return reply;
    }

    public Task<ImmutableArray<long>> RenewAsync(WorkerId worker, ImmutableArray<long> leases, CancellationToken cancellationToken)
        => inner.RenewAsync(worker, leases, cancellationToken);

    public Task ReleaseAsync(WorkerId worker, ImmutableArray<long> leases, CancellationToken cancellationToken)
        => inner.ReleaseAsync(worker, leases, cancellationToken);
}
