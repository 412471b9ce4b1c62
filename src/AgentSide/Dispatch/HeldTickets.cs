using System.Collections.Concurrent;
using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.AgentSide.Dispatch;

/// <summary>The tickets of one worker: renews their leases while their episodes run, and drops those that were lost.</summary>
internal sealed class HeldTickets(IGroupDispatcher dispatcher, WorkerId worker, TimeProvider time) : IDisposable
{
    // Two renewals may fail before a lease is lost.
    private const int RenewalsPerLease = 3;

    private static readonly TimeSpan HandBackTime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<long, HeldTicket> _held = new();
    private readonly TaskCompletionSource<TimeSpan> _duration = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Of all tickets with episodes that have not ended.</summary>
    public ImmutableArray<long> Tokens => [.. _held.Keys.Order()];

    public HeldTicket Hold(GroupTicket ticket)
    {
        var held = new HeldTicket(ticket, ended => _held.TryRemove(ended.Ticket.Lease.Token, out _));
        _held[ticket.Lease.Token] = held;
        _duration.TrySetResult(ticket.LeaseDuration);
        return held;
    }

    /// <summary>Renews until it is cancelled; ends when the first ticket shows that leases have no time limit.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var duration = await _duration.Task.WaitAsync(cancellationToken);
        if (duration == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        using var timer = new PeriodicTimer(duration / RenewalsPerLease, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await RenewOnceAsync(cancellationToken);
        }
    }

    /// <summary>Gives unfinished tickets to others at once, rather than when their leases end.</summary>
    public async Task HandBackAsync()
    {
        if (_held.IsEmpty || worker.IsLocal)
        {
            return;
        }

        using var limit = new CancellationTokenSource(HandBackTime, time);
        try
        {
            await dispatcher.ReleaseAsync(worker, Tokens, limit.Token);
        }
        catch (Exception fault) when (fault is ForgeException or OperationCanceledException)
        {
            // The pool is away: the leases end by themselves.
        }
    }

    public void Dispose()
    {
        foreach (var held in _held.Values)
        {
            held.Dispose();
        }
    }

    private async Task RenewOnceAsync(CancellationToken cancellationToken)
    {
        var tokens = Tokens;
        if (tokens.IsEmpty)
        {
            return;
        }

        try
        {
            foreach (var lost in await dispatcher.RenewAsync(worker, tokens, cancellationToken))
            {
                if (_held.TryRemove(lost, out var held))
                {
                    await held.LoseAsync();
                }
            }
        }
        catch (ForgeException fault) when (fault.IsTransient)
        {
            // The pool is away for a moment: the next renewal comes well before the lease ends.
        }
    }
}
