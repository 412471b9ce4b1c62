namespace Forge.DataPool.Tests.Simulation;

/// <summary>A clock that jumps from timer to timer. Single-threaded.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private readonly SortedSet<SimulatedTimer> _timers = new(Comparer<SimulatedTimer>.Create((one, other)
        => one.Due != other.Due ? one.Due.CompareTo(other.Due) : one.Number.CompareTo(other.Number)));

    private long _created;

    public TimeSpan Now { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(this, _created++, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public bool FireNext()
    {
        if (_timers.Min is not { } next)
        {
            return false;
        }

        _timers.Remove(next);
        Now = next.Due > Now ? next.Due : Now;
        next.Fire();
        return true;
    }

    private sealed class SimulatedTimer(SimulatedTime clock, long number, Action callback) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public long Number { get; } = number;

        public void Fire() => callback();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock._timers.Remove(this);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Due = clock.Now + dueTime;
                clock._timers.Add(this);
            }

            return true;
        }

        public void Dispose() => clock._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
