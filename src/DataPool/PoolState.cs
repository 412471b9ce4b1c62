using Forge.Core.Faults;
using Forge.DataPool.Stores;

namespace Forge.DataPool;

/// <summary>
/// The schedule with the lock that guards it and the signal that it has changed. The lock is never held across an await. After a write
/// whose outcome is unknown (the store went away before it answered), the schedule is rebuilt from the store before anything else.
/// </summary>
internal sealed class PoolState(
    PoolSchedule schedule, IEpisodeStore store, Func<PoolSnapshot, PoolSchedule, PoolSchedule> rebuild, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _rebuilding = new(1);
    private readonly List<TaskCompletionSource> _waiting = [];
    private PoolSchedule _schedule = schedule;
    private bool _isDoubtful;
    private long _changes;

    /// <summary>Reads or changes the schedule; leases whose time has passed have ended before.</summary>
    public T With<T>(Func<PoolSchedule, T> use)
    {
        lock (_lock)
        {
            if (_schedule.Places.ExpireLeases(_schedule.Version.Next))
            {
                SignalNeedsLock();
            }

            return use(_schedule);
        }
    }

    public void Change(Action<PoolSchedule> change)
    {
        lock (_lock)
        {
            _changes++;
            change(_schedule);
            SignalNeedsLock();
        }
    }

    /// <summary>Wakes all who wait: a use of the schedule changed it.</summary>
    public void Signal() => Change(_ => { });

    /// <summary>Reads the schedule together with a signal that comes with the next change after it.</summary>
    public (T Value, TaskCompletionSource Changed) Watch<T>(Func<PoolSchedule, T> use) => With(current =>
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(changed);
        return (use(current), changed);
    });

    /// <summary>Waits for a change, or until <paramref name="atMost"/> has passed: then a deadline of the head or of a lease is due.</summary>
    public Task WaitAsync(TaskCompletionSource changed, TimeSpan? atMost, CancellationToken cancellationToken)
        => WaitAsync(changed, atMost, time, cancellationToken);

    /// <summary>Waits by another clock than the pool's.</summary>
    public async Task WaitAsync(TaskCompletionSource changed, TimeSpan? atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var cancelling = cancellationToken.Register(() => changed.TrySetCanceled(cancellationToken));
        using var timer = clock.CreateTimer(_ => changed.TrySetResult(), null, atMost ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            await changed.Task;
        }
        finally
        {
            lock (_lock)
            {
                _waiting.Remove(changed);
            }
        }
    }

    /// <summary>Makes a write; when nobody knows whether it took effect, memory is no longer believed.</summary>
    public async Task<T> WriteAsync<T>(Func<IEpisodeStore, Task<T>> write)
    {
        await EnsureCertainAsync();
        try
        {
            return await write(store);
        }
        catch (ForgeException fault) when (fault.IsTransient)
        {
            lock (_lock)
            {
                _changes++;
                _isDoubtful = true;
            }

            throw;
        }
    }

    public Task WriteAsync(Func<IEpisodeStore, Task> write) => WriteAsync(async target =>
    {
        await write(target);
        return true;
    });

    /// <summary>Rebuilds the schedule when it is in doubt.</summary>
    public async Task EnsureCertainAsync()
    {
        if (!IsDoubtful())
        {
            return;
        }

        await _rebuilding.WaitAsync();
        try
        {
            while (IsDoubtful())
            {
                var before = Interlocked.Read(ref _changes);
                TryRebuild(await store.LoadAsync(CancellationToken.None), before);
            }
        }
        finally
        {
            _rebuilding.Release();
        }
    }

    public void Dispose() => _rebuilding.Dispose();

    // A change or a doubt that came while the store was read may be missing in what was read: then it is read again. New writes wait
    // meanwhile, so this ends.
    private void TryRebuild(PoolSnapshot snapshot, long changes)
    {
        lock (_lock)
        {
            if (_changes == changes)
            {
                _schedule = rebuild(snapshot, _schedule);
                _isDoubtful = false;
                SignalNeedsLock();
            }
        }
    }

    private bool IsDoubtful()
    {
        lock (_lock)
        {
            return _isDoubtful;
        }
    }

    private void SignalNeedsLock()
    {
        _waiting.ForEach(waiting => waiting.TrySetResult());
        _waiting.Clear();
    }
}
