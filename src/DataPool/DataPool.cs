using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool;

/// <summary>
/// Stands between those who sample and the one who trains: admits groups, keeps what they did, and hands finished groups out in
/// windowed FIFO order. Memory holds only the schedule; a group's tokens are read from the store when it is taken.
/// </summary>
/// <remarks>
/// <code>
///   DispatchAsync ──▶ episodes run ──▶ RecordAsync*, FinishAsync ──▶ TakeAsync ──▶ AcknowledgeAsync (trained)
///        ▲  waits for M and S                                          │   └─────▶ SkipAsync (no use)
///        └───────────── a slot is free again ◀─────────────────────────┴─── head beyond its deadline: failed
/// </code>
/// The store is written before memory changes, except that a take is only logged: a crash makes it available again.
/// Safe for concurrent calls; one lock guards the schedule and is never held across an await.
/// </remarks>
public sealed class DataPool : IEpisodeSink, IGroupDispatcher, IBatchSource, IAsyncDisposable
{
    private readonly IEpisodeStore _store;
    private readonly TimeProvider _time;
    private readonly PoolSchedule _schedule;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _dispatchTurn = new(1);
    private TaskCompletionSource _changed = NewSignal();

    private DataPool(IEpisodeStore store, DataPoolOptions options, TimeProvider time, PoolSnapshot snapshot)
    {
        _store = store;
        _time = time;
        _schedule = new PoolSchedule(options, time, snapshot, store.Log);
    }

    public WindowStatus Status
    {
        get
        {
            lock (_lock)
            {
                return _schedule.Status;
            }
        }
    }

    public StalenessStatus Staleness
    {
        get
        {
            lock (_lock)
            {
                return _schedule.Staleness;
            }
        }
    }

    /// <summary>Goes on where the store left off: unfinished groups are dispatched again first, everything else untrained is available.</summary>
    /// <exception cref="ForgeException">The options contradict each other; all problems are listed.</exception>
    public static async Task<DataPool> OpenAsync(
        IEpisodeStore store, DataPoolOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new ForgeException($"The data pool's options are wrong:\n  {string.Join("\n  ", problems)}");
        }

        return new DataPool(store, options, time, await store.LoadAsync(cancellationToken));
    }

    public async Task<GroupTicket> DispatchAsync(
        Func<GroupId, CancellationToken, ValueTask<TaskReference>> nextTask, int episodes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(episodes, 1);
        await _dispatchTurn.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                Task changed;
                StoredGroup? orphan;
                bool admitted;
                PolicyVersion version;
                lock (_lock)
                {
                    changed = _changed.Task;
                    admitted = _schedule.TryAdmit(out orphan);
                    version = _schedule.Version;
                }

                if (admitted)
                {
                    // What is written from here on is not given up half-way: the next dispatch index depends on it.
                    return orphan is null
                        ? await DispatchNewAsync(id => nextTask(id, cancellationToken), episodes, version)
                        : await DispatchAgainAsync(orphan);
                }

                await changed.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            _dispatchTurn.Release();
        }
    }

    public async Task RecordAsync(Completion completion, CancellationToken cancellationToken)
    {
        await _store.AddCompletionAsync(completion);
        lock (_lock)
        {
            _schedule.CountLate(completion.Episode);
        }
    }

    public async Task FinishAsync(EpisodeResult result, CancellationToken cancellationToken)
    {
        await _store.AddResultAsync(result);
        lock (_lock)
        {
            _schedule.Finish(result.Episode);
            Signal();
        }
    }

    public async Task<Group> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            TakeDecision decision;
            lock (_lock)
            {
                changed = _changed.Task;
                decision = _schedule.Take();
                if (decision.Expired is not null)
                {
                    Signal();
                }
            }

            if (decision.Taken is { } taken)
            {
                return await ReadTakenAsync(taken, cancellationToken);
            }

            if (decision.Expired is { } expired)
            {
                await _store.ConsumeAsync([expired]);
                continue;
            }

            await WaitAsync(changed, decision.UntilHeadExpires, cancellationToken);
        }
    }

    public async Task SkipAsync(GroupId group, string reason, CancellationToken cancellationToken)
    {
        Consumption consumption;
        lock (_lock)
        {
            _schedule.RequireTaken(group);
            consumption = new Consumption(group, ConsumptionKind.Skipped, _schedule.Version.Next, Position: 0, reason);
        }

        await _store.ConsumeAsync([consumption]);
        lock (_lock)
        {
            _schedule.Consume([group], published: null);
            Signal();
        }
    }

    public async Task AcknowledgeAsync(IReadOnlyList<GroupId> groups, PolicyVersion published, CancellationToken cancellationToken)
    {
        if (groups.Count == 0 || (await _store.ReadStepAsync(published, cancellationToken)).SequenceEqual(groups))
        {
            return;
        }

        lock (_lock)
        {
            _schedule.Retake(groups);
            foreach (var group in groups)
            {
                _schedule.RequireTaken(group);
            }

            if (published <= _schedule.Version)
            {
                throw new ForgeException(
                    $"Version {published} can't be acknowledged: version {_schedule.Version} was before. Recover the pool to the checkpoint first.");
            }
        }

        await _store.ConsumeAsync(
            [.. groups.Select((group, position) => new Consumption(group, ConsumptionKind.Trained, published, position, Reason: ""))]);
        lock (_lock)
        {
            _schedule.Consume(groups, published);
            Signal();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ForgeException">The checkpoint is newer than what the pool has acknowledged, so some groups could be trained twice.</exception>
    public async Task RecoverAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (version > _schedule.Version && _schedule.Status.Dispatched > 0)
            {
                throw new ForgeException(
                    $"The checkpoint has version {version}, but the pool has acknowledged only {_schedule.Version}: groups could be trained "
                    + "twice. Resume from an earlier checkpoint, or start with an empty pool.");
            }
        }

        var putBack = await _store.PutBackAfterAsync(version);
        lock (_lock)
        {
            _schedule.Recover(putBack, version);
            Signal();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _dispatchTurn.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<GroupTicket> DispatchNewAsync(Func<GroupId, ValueTask<TaskReference>> nextTask, int episodes, PolicyVersion version)
    {
        var id = new GroupId(_schedule.NextIndex);
        var attempts = Enumerable.Range(0, episodes).Select(index => StoredEpisode.Create(id, index, attempt: 0));
        var group = new StoredGroup(id, await nextTask(id), version, IsFinished: false, [.. attempts], LastEvent: default);
        await _store.AddGroupAsync(group);
        lock (_lock)
        {
            _schedule.Add(group);
        }

        return Ticket(group);
    }

    private async Task<GroupTicket> DispatchAgainAsync(StoredGroup orphan)
    {
        var attempts = orphan.Episodes.Where(episode => !episode.IsFinished).Select(episode => episode.NextAttempt(orphan.Id)).ToList();
        await _store.AddAttemptsAsync(orphan.Id, attempts);
        lock (_lock)
        {
            _schedule.Restart(orphan.Id, attempts);
        }

        return Ticket(orphan with { Episodes = [.. attempts] });
    }

    private static GroupTicket Ticket(StoredGroup group)
        => new(group.Id, group.Task, group.DispatchedAt, [.. group.Episodes.Select(episode => episode.Id)]);

    private async Task<Group> ReadTakenAsync(GroupId taken, CancellationToken cancellationToken)
    {
        try
        {
            return await _store.ReadGroupAsync(taken, cancellationToken);
        }
        catch
        {
            lock (_lock)
            {
                _schedule.PutBack(taken);
                Signal();
            }

            throw;
        }
    }

    private async Task WaitAsync(Task changed, TimeSpan? atMost, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(atMost ?? Timeout.InfiniteTimeSpan, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The head's deadline: the caller looks again.
        }
    }

    // Wakes everyone who waits for the schedule to change; assumes the lock.
    private void Signal()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }
}
