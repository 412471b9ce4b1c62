namespace Forge.DataPool;

/// <summary>The schedule with the lock that guards it and the signal that it has changed. The lock is never held across an await.</summary>
internal sealed class PoolState(PoolSchedule schedule, TimeProvider time)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Reads or changes the schedule; leases whose time has passed have ended before.</summary>
    public T With<T>(Func<PoolSchedule, T> use)
    {
        lock (_lock)
        {
            if (schedule.Places.ExpireLeases(schedule.Version.Next))
            {
                SignalNeedsLock();
            }

            return use(schedule);
        }
    }

    public void Change(Action<PoolSchedule> change)
    {
        lock (_lock)
        {
            change(schedule);
            SignalNeedsLock();
        }
    }

    /// <summary>Reads the schedule together with the task that completes with the next change after it.</summary>
    public (T Value, Task Changed) Watch<T>(Func<PoolSchedule, T> use) => With(current => (use(current), _changed.Task));

    /// <summary>Waits for a change, or until <paramref name="atMost"/> has passed: then a deadline of the head or of a lease is due.</summary>
    public async Task WaitAsync(Task changed, TimeSpan? atMost, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(atMost ?? Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The caller looks again.
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void SignalNeedsLock()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }
}
