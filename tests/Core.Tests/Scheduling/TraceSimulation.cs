using Forge.Core.Scheduling;

namespace Forge.Core.Tests.Scheduling;

/// <summary>Drives a <see cref="WindowedFifo"/> with a clock of whole numbers and a consumer that takes whatever it may.</summary>
internal sealed class TraceSimulation
{
    private readonly WindowedFifo _fifo;
    private readonly SortedDictionary<long, SortedSet<long>> _completions = [];
    private readonly List<long> _consumedBeforeDispatch = [];

    public TraceSimulation(int window, int items)
    {
        _fifo = new WindowedFifo(window);
        for (var index = 0; index < items; index++)
        {
            Dispatch(time: 0);
        }
    }

    public List<long> Order { get; } = [];

    public List<long> Times { get; } = [];

    public List<long> Lags { get; } = [];

    public List<long> Displacements { get; } = [];

    public List<long> DispatchTimes { get; } = [];

    public List<(long Time, long Head, int Outside)> Events { get; } = [];

    public List<(long From, long To)> BlockedIntervals { get; } = [];

    public List<(long From, long To)> EmptyIntervals { get; } = [];

    public void FinishAt(long time, long index)
    {
        if (!_completions.TryGetValue(time, out var indices))
        {
            _completions[time] = indices = [];
        }

        indices.Add(index);
    }

    /// <summary>Runs until so many items were taken; with durations, each take dispatches the next item.</summary>
    public void Run(int fetchTotal, long[]? durations)
    {
        long? previous = null;
        while (Order.Count < fetchTotal && _completions.Count > 0)
        {
            var (time, indices) = _completions.First();
            _completions.Remove(time);
            RecordWait(previous, time);
            foreach (var index in indices)
            {
                _fifo.Finish(index);
            }

            TakeAll(time, fetchTotal, durations);
            Events.Add((time, _fifo.Head, _fifo.FinishedOutside));
            previous = time;
        }
    }

    private void TakeAll(long time, int fetchTotal, long[]? durations)
    {
        for (var head = _fifo.Head; Order.Count < fetchTotal && _fifo.TryTake(out var index); head = _fifo.Head)
        {
            Displacements.Add(index - head);
            Lags.Add(Order.Count - _consumedBeforeDispatch[(int)index]);
            Order.Add(index);
            Times.Add(time);
            _fifo.Consume(index);
            if (durations is not null)
            {
                var next = Dispatch(time);
                FinishAt(time + durations[next], next);
            }
        }
    }

    private long Dispatch(long time)
    {
        DispatchTimes.Add(time);
        _consumedBeforeDispatch.Add(Order.Count);
        return _fifo.Dispatch();
    }

    // Nothing is visible between two events; the question is whether something was finished all the same.
    private void RecordWait(long? from, long to)
    {
        if (from is null)
        {
            return;
        }

        var intervals = _fifo.IsBlocked ? BlockedIntervals : EmptyIntervals;
        if (intervals.Count > 0 && intervals[^1].To == from)
        {
            intervals[^1] = (intervals[^1].From, to);
        }
        else
        {
            intervals.Add((from.Value, to));
        }
    }
}
