using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Checking;

namespace Forge.DataPool.Tests.Simulation;

/// <summary>One process of the agent side: it crashes, stops beyond its lease and goes on, loses answers, sends twice, and is slow.</summary>
internal sealed class SimulatedWorker(SimulatedWorld world, SimulatedPool pool, SimulatedRun run, string name)
{
    private readonly WorkerId _id = new(name);
    private readonly HashSet<long> _held = [];
    private TimeSpan _stoppedUntil;

    public bool IsDead { get; private set; }

    /// <summary>Runs until it dies, or the run has ended.</summary>
    public async Task RunAsync()
    {
        var renewing = RenewAsync();
        var next = new GroupId(0);
        while (!run.HasEnded && !IsDead)
        {
            await BreathAsync();
            var request = new DispatchRequest(_id, [.. _held], run.EpisodesPerGroup, next, SampleData.Task(next.Value));
            var reply = await pool.CallAsync(current => current.DispatchAsync(request, CancellationToken.None));
            if (world.Chance(0.05))
            {
                run.Fault();
                continue;
            }

            next = reply.Next;
            if (reply.Ticket is { } ticket && !IsDead)
            {
                _held.Add(ticket.Lease.Token);
                run.Leases.Given(ticket);
                run.Tell(ticket.Episodes.Select(episode => new HistoryLine { Event = HistoryEvent.Dispatch, Id = episode.Value, IsAcknowledged = true }));
                await Task.WhenAll(ticket.Episodes.Select(episode => PlayAsync(ticket, episode)));
                _held.Remove(ticket.Lease.Token);
            }
        }

        await renewing;
    }

    private async Task PlayAsync(GroupTicket ticket, EpisodeId episode)
    {
        var turns = world.Random.Next(1, 3);
        for (var turn = 0; turn < turns; turn++)
        {
            await world.DelayAsync(4);
            await BreathAsync();
            if (IsDead || !await SendAsync(HistoryEvent.Record, $"{episode}/{turn}", sink => sink.RecordAsync(SampleData.Completion(episode, turn), CancellationToken.None)))
            {
                return;
            }
        }

        await BreathAsync();
        var result = SampleData.Result(episode, turns, Status(ticket));
        if (!IsDead)
        {
            run.Leases.Ended(episode);
            await SendAsync(result.IsBroken ? HistoryEvent.Unspecified : HistoryEvent.Finish, episode.Value, sink => sink.FinishAsync(result, CancellationToken.None));
        }
    }

    // Some tasks break whoever plays them.
    private EpisodeStatus Status(GroupTicket ticket) => world.Random.Next(20) switch
    {
        _ when ticket.Id.Value % 13 == 7 => EpisodeStatus.EnvironmentFailure,
        0 => EpisodeStatus.InfrastructureFailure,
        1 => EpisodeStatus.EnvironmentFailure,
        _ => EpisodeStatus.Completed,
    };

    private async Task<bool> SendAsync(HistoryEvent kind, string id, Func<IEpisodeSink, Task<Receipt>> send)
    {
        var receipt = await pool.CallAsync(current => send(current));
        if (world.Chance(0.05))
        {
            run.Fault();
            receipt = await pool.CallAsync(current => send(current));
        }

        if (kind != HistoryEvent.Unspecified && receipt is Receipt.Kept or Receipt.Duplicate)
        {
            run.Tell([new HistoryLine { Event = kind, Id = id, IsAcknowledged = true }]);
        }

        return receipt != Receipt.Stale;
    }

    // Where a process may crash or be stopped.
    private async Task BreathAsync()
    {
        if (world.Chance(0.01))
        {
            run.Fault();
            IsDead = true;
            return;
        }

        if (world.Chance(0.01))
        {
            run.Fault();
            _stoppedUntil = world.Time.Now + (run.Options.LeaseDuration * (0.5 + (2 * world.Random.NextDouble())));
        }

        while (world.Time.Now < _stoppedUntil)
        {
            await world.DelayAsync(run.Options.LeaseDuration.TotalSeconds / 4);
        }
    }

    private async Task RenewAsync()
    {
        while (!run.HasEnded && !IsDead)
        {
            await world.DelayAsync(run.Options.LeaseDuration.TotalSeconds / 2);
            if (world.Time.Now >= _stoppedUntil && !IsDead)
            {
                var (held, asked) = (_held.ToImmutableArray(), world.Time.Now);
                var lost = await pool.CallAsync(current => current.RenewAsync(_id, held, CancellationToken.None));
                run.Leases.Renewed(held.Except(lost), asked);
            }
        }
    }
}
