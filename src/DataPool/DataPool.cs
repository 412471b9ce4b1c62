using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Hot;
using Forge.DataPool.Leases;
using Forge.DataPool.Stores;

namespace Forge.DataPool;

/// <summary>
/// Stands between those who sample and the one who trains: gives out tickets, keeps what came of them, and hands finished groups out in
/// windowed FIFO order. Memory holds only the schedule; a group's tokens are read from the store when it is taken.
/// </summary>
/// <remarks>
/// <code>
///   DispatchAsync ──▶ episodes run ──▶ RecordAsync*, FinishAsync ──▶ TakeAsync ──▶ AcknowledgeAsync (trained)
///     ▲   ▲ waits for M and S     │                                    │   └─────▶ SkipAsync (no use)
///     │   └── lease lost, broken ◀┤                                    │
///     │                           └── no attempts left: failed         │
///     └───────────── a slot is free again ◀────────────────────────────┴─── head beyond its deadline: failed
/// </code>
/// The store is written before memory changes, except that a take is only logged: a crash makes it available again.
/// Safe for concurrent calls.
/// </remarks>
public sealed class DataPool : IEpisodeSink, IGroupDispatcher, IBatchSource, IAsyncDisposable
{
    private readonly IEpisodeStore _store;
    private readonly TimeProvider _time;
    private readonly PoolState _state;
    private readonly Undertaker _undertaker;
    private readonly TicketOffice _tickets;
    private readonly TakenGroups _taken;
    private readonly SemaphoreSlim _intake;

    private DataPool(IEpisodeStore store, DataPoolOptions options, TimeProvider time, PoolSnapshot snapshot, HotWindow? shown)
    {
        _store = store;
        _time = time;
        _state = new PoolState(
            new PoolSchedule(options, time, snapshot, store.Log, before: null, shown),
            store,
            (reloaded, before) => new PoolSchedule(options, time, reloaded, store.Log, before),
            time);
        _undertaker = new Undertaker(_state);
        _tickets = new TicketOffice(_state, _undertaker);
        _taken = new TakenGroups(store);
        _intake = new SemaphoreSlim(options.Intake);
    }

    public WindowStatus Status => _state.With(schedule => schedule.Status);

    public StalenessStatus Staleness => _state.With(schedule => schedule.Staleness);

    /// <summary>
    /// Goes on where the store left off: what the local worker left unfinished is dispatched again first, workers in other processes keep
    /// their tickets, everything else untrained is available.
    /// </summary>
    /// <exception cref="ForgeException">The options contradict each other; all problems are listed.</exception>
    public static Task<DataPool> OpenAsync(IEpisodeStore store, DataPoolOptions options, TimeProvider time, CancellationToken cancellationToken)
        => OpenAsync(store, options, time, shown: null, cancellationToken);

    /// <param name="store">What the pool is to go on with.</param>
    /// <param name="options">The pool's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="shown">
    /// What the pool's process before this one showed last: leases that had ended by then are offered at once, the others have what they had left.
    /// Null when that is unknown (it was lost, or is too old): then every worker in another process may live, for a full lease.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ForgeException">The options contradict each other; all problems are listed.</exception>
    public static async Task<DataPool> OpenAsync(
        IEpisodeStore store, DataPoolOptions options, TimeProvider time, HotWindow? shown, CancellationToken cancellationToken)
    {
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new ForgeException($"The data pool's options are wrong:\n  {string.Join("\n  ", problems)}");
        }

        return new DataPool(store, options, time, await store.LoadAsync(cancellationToken), shown);
    }

    public Task<DispatchReply> DispatchAsync(DispatchRequest request, CancellationToken cancellationToken)
        => _tickets.DispatchAsync(request, cancellationToken);

    public Task<ImmutableArray<long>> RenewAsync(WorkerId worker, ImmutableArray<long> leases, CancellationToken cancellationToken)
        => Task.FromResult(_tickets.Renew(worker, leases));

    public Task ReleaseAsync(WorkerId worker, ImmutableArray<long> leases, CancellationToken cancellationToken)
    {
        _tickets.Release(worker, leases);
        return Task.CompletedTask;
    }

    public async Task<Receipt> RecordAsync(Completion completion, CancellationToken cancellationToken)
    {
        await _intake.WaitAsync(cancellationToken);
        try
        {
            var receipt = await _state.WriteAsync(store => store.AddCompletionAsync(completion));
            _state.With(schedule => schedule.Count(receipt));
            return receipt;
        }
        finally
        {
            _intake.Release();
        }
    }

    public async Task<Receipt> FinishAsync(EpisodeResult result, CancellationToken cancellationToken)
    {
        await _intake.WaitAsync(cancellationToken);
        try
        {
            // What broke says nothing about the policy: no reward of it is ever kept.
            return await FinishEnteredAsync(result.IsBroken ? result with { Rewards = [], Success = false } : result);
        }
        finally
        {
            _intake.Release();
        }
    }

    public async Task<Group> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _state.EnsureCertainAsync();
            var ((decision, untilLeaseEnds), changed) = _state.Watch(schedule => (schedule.Take(), schedule.Places.Leases.UntilNext));
            if (decision.Taken is { } taken)
            {
                // What is taken can't be overtaken any more, which may let a dispatch go on.
                _state.Signal();
                return await ReadTakenAsync(taken, cancellationToken);
            }

            if (decision.Expired is { } expired)
            {
                await ExpireAsync(expired);
            }
            else if (!await _undertaker.GiveUpDoomedAsync())
            {
                await _state.WaitAsync(changed, Sooner(decision.UntilHeadExpires, untilLeaseEnds), cancellationToken);
            }
        }
    }

    public async Task SkipAsync(GroupId group, string reason, CancellationToken cancellationToken)
    {
        await _state.EnsureCertainAsync();
        var step = _state.With(schedule => schedule.IsConsumed(group) ? (PolicyVersion?)null : schedule.RequireTaken([group]).Next);
        if (step is not { } next)
        {
            return;
        }

        await _state.WriteAsync(
            store => store.ConsumeAsync([new Consumption(group, ConsumptionKind.Skipped, next, Position: 0, reason)]));
        _taken.Forget([group]);
        _state.Change(schedule => schedule.Consume([group], published: null));
    }

    /// <summary>Takes again what a trainer took from an earlier life of this pool and still holds; groups that are not finished are left out.</summary>
    public void Retake(IReadOnlyCollection<GroupId> groups) => _state.Change(schedule => schedule.Retake(groups));

    public async Task AcknowledgeAsync(IReadOnlyList<GroupId> groups, PolicyVersion published, CancellationToken cancellationToken)
    {
        if (groups.Count == 0 || (await _store.ReadStepAsync(published, cancellationToken)).SequenceEqual(groups))
        {
            return;
        }

        await _state.EnsureCertainAsync();
        var version = _state.With(schedule =>
        {
            schedule.Retake(groups);
            return schedule.RequireTaken(groups);
        });
        if (published <= version)
        {
            throw new ForgeException(
                $"Version {published} can't be acknowledged: version {version} was before. Recover the pool to the checkpoint first.");
        }

        var batch = await _taken.DescribeAsync(groups, published, cancellationToken);
        await _state.WriteAsync(store => store.TrainAsync(batch));
        _taken.Forget(groups);
        _state.Change(schedule => schedule.Consume(groups, published));
    }

    /// <inheritdoc/>
    /// <exception cref="ForgeException">The checkpoint is newer than what the pool has acknowledged, so some groups could be trained twice.</exception>
    public async Task RecoverAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        await _state.EnsureCertainAsync();
        var (acknowledged, dispatched) = _state.With(schedule => (schedule.Version, schedule.NextIndex));
        if (version > acknowledged && dispatched.Value > 0)
        {
            throw new ForgeException(
                $"The checkpoint has version {version}, but the pool has acknowledged only {acknowledged}: groups could be trained "
                + "twice. Resume from an earlier checkpoint, or start with an empty pool.");
        }

        var putBack = await _state.WriteAsync(store => store.PutBackAfterAsync(version));
        _state.Change(schedule => schedule.Recover(putBack, version));
    }

    /// <summary>Returns when the store answers and no write of this pool is in doubt.</summary>
    /// <exception cref="ForgeException">The store does not answer.</exception>
    public async Task RequireStoreAsync(CancellationToken cancellationToken)
    {
        await _state.EnsureCertainAsync();
        _ = await _store.ReadStepAsync(default, cancellationToken);
    }

    /// <summary>What the pool is doing now.</summary>
    public HotWindow Show() => _state.With(Show);

    /// <summary>What the pool is doing now, with a signal that comes with the next change.</summary>
    internal (HotWindow Window, TaskCompletionSource Changed) WatchWindow() => _state.Watch(Show);

    /// <summary>Waits for a signal of <see cref="WatchWindow"/>, at most so long by that clock.</summary>
    internal Task WaitAsync(TaskCompletionSource changed, TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
        => _state.WaitAsync(changed, atMost, clock, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _state.Dispose();
        _tickets.Dispose();
        _intake.Dispose();
    }

    private static TimeSpan? Sooner(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;

    private HotWindow Show(PoolSchedule schedule) => new(_time.GetUtcNow(), schedule.Status, schedule.Staleness, schedule.Places.Leases.Show())
    {
        LastLease = schedule.Places.Leases.LastHeld,
    };

    private async Task<Receipt> FinishEnteredAsync(EpisodeResult result)
    {
        await _state.EnsureCertainAsync();
        var verdict = _state.With(schedule => schedule.Places.Judge(result, schedule.Version.Next));
        var receipt = verdict switch
        {
            { Letter: { } letter } => await _undertaker.GiveUpAsync(letter, result),
            { Next: { } next } => await _state.WriteAsync(store => store.AddRetryAsync(result, next)),
            _ => await _state.WriteAsync(store => store.AddResultAsync(result)),
        };
        _state.Change(schedule => schedule.Settle(result.Episode, receipt, verdict));
        return receipt;
    }

    private async Task ExpireAsync(Consumption head)
    {
        try
        {
            await _state.WriteAsync(store => store.ConsumeAsync([head]));
        }
        catch
        {
            _state.Change(schedule => schedule.Places.Find(head.Group)?.IsDoomed = false);
            throw;
        }

        _state.Change(schedule => schedule.Expire(head.Group));
    }

    private async Task<Group> ReadTakenAsync(GroupId taken, CancellationToken cancellationToken)
    {
        try
        {
            return await _taken.ReadAsync(taken, cancellationToken);
        }
        catch
        {
            _state.Change(schedule => schedule.Return(taken));
            throw;
        }
    }
}
