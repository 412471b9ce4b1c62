using System.Diagnostics.CodeAnalysis;

namespace Forge.Core.Scheduling;

/// <summary>
/// Decides which finished group may be trained next. Groups are numbered in dispatch order; with head h, the lowest index not
/// yet taken, only h … h+W−1 may be taken, the lowest finished one first; taken slots still count in that span.
/// </summary>
/// <remarks>
/// <code>
///            Dispatch           Finish            TryTake          Consume
///   (none) ───────────▶ running ───────▶ finished ───────▶ taken ───────────▶ (forgotten)
///                          │                 ▲               │
///                          │ GiveUp          └── PutBack ────┘  (also from forgotten: a lost optimizer step)
///                          ▼
///                      (forgotten)
/// </code>
/// Not thread-safe; no clock and no randomness, so the same calls give the same decisions. Every call is O(log groups in flight).
/// Source: MiniMax M2 report §6.2.4 and figure 5.
/// </remarks>
public sealed class WindowedFifo
{
    private readonly HashSet<long> _running = [];
    private readonly SortedSet<long> _finished = [];
    private readonly HashSet<long> _taken = [];

    /// <param name="window">W, at least 1: 1 is strict first-in-first-out, the in-flight bound or more is greedy.</param>
    public WindowedFifo(int window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        Window = window;
    }

    /// <summary>W, in dispatch slots.</summary>
    public int Window { get; }

    /// <summary>The lowest index not yet taken; the next index to dispatch when all are taken.</summary>
    public long Head { get; private set; }

    /// <summary>How many groups were dispatched; the index of the next one.</summary>
    public long Dispatched { get; private set; }

    /// <summary>Groups dispatched and not consumed.</summary>
    public int InFlight => _running.Count + _finished.Count + _taken.Count;

    public int Running => _running.Count;

    /// <summary>Finished groups that may be taken now.</summary>
    public int FinishedInWindow => _finished.GetViewBetween(Head, LastVisible).Count;

    /// <summary>Finished groups that wait for the window to reach them.</summary>
    public int FinishedOutside => _finished.Count - FinishedInWindow;

    /// <summary>True when something is finished but the window refuses all of it.</summary>
    public bool IsBlocked => _finished.Count > 0 && _finished.Min > LastVisible;

    /// <summary>True when the head was dispatched and has not finished.</summary>
    public bool IsHeadRunning => _running.Contains(Head);

    private long LastVisible => Head + Window - 1;

    /// <summary>Rebuilds the state that a store remembers; everything below <paramref name="dispatched"/> in none of the sets is consumed.</summary>
    public static WindowedFifo Restore(
        int window, long dispatched, IEnumerable<long> running, IEnumerable<long> finished, IEnumerable<long> taken)
    {
        var fifo = new WindowedFifo(window) { Dispatched = dispatched };
        fifo._running.UnionWith(running);
        fifo._finished.UnionWith(finished);
        fifo._taken.UnionWith(taken);
        if (fifo._running.Concat(fifo._finished).Concat(fifo._taken).Any(index => index < 0 || index >= dispatched))
        {
            throw new ArgumentException($"A group's index is outside 0 … {dispatched - 1}.", nameof(running));
        }

        fifo.Slide();
        return fifo;
    }

    /// <summary>Appends a running group and returns its index.</summary>
    public long Dispatch()
    {
        _running.Add(Dispatched);
        return Dispatched++;
    }

    /// <summary>Marks a running group as finished.</summary>
    public void Finish(long index)
    {
        if (!_running.Remove(index))
        {
            ThrowWrongState(index, "finish", "running");
        }

        _finished.Add(index);
    }

    /// <summary>Takes the lowest finished group inside the window, if there is one; taking the head slides the window.</summary>
    public bool TryTake(out long index)
    {
        if (_finished.Count == 0 || _finished.Min > LastVisible)
        {
            index = -1;
            return false;
        }

        index = _finished.Min;
        _finished.Remove(index);
        _taken.Add(index);
        Slide();
        return true;
    }

    /// <summary>Takes a finished group wherever it stands: the window decided on it before a crash, and it was trained since.</summary>
    public void Retake(long index)
    {
        if (!_finished.Remove(index))
        {
            ThrowWrongState(index, "be taken again", "finished");
        }

        _taken.Add(index);
        Slide();
    }

    /// <summary>Forgets a taken group: it was trained, or skipped for good.</summary>
    public void Consume(long index)
    {
        if (!_taken.Remove(index))
        {
            ThrowWrongState(index, "consume", "taken");
        }
    }

    /// <summary>Makes a taken or consumed group available again, as finished; the head returns to it when it lies before the head.</summary>
    public void PutBack(long index)
    {
        if (index < 0 || index >= Dispatched || _running.Contains(index) || _finished.Contains(index))
        {
            ThrowWrongState(index, "put back", "taken or consumed");
        }

        _taken.Remove(index);
        _finished.Add(index);
        Head = Math.Min(Head, index);
    }

    /// <summary>Gives up a head that is still running: it is forgotten and the window slides. Returns its index.</summary>
    public long ExpireHead()
    {
        var index = Head;
        GiveUp(index);
        return index;
    }

    /// <summary>Forgets a running group, wherever it stands; the window slides when it was the head.</summary>
    public void GiveUp(long index)
    {
        if (!_running.Remove(index))
        {
            ThrowWrongState(index, "be given up", "running");
        }

        Slide();
    }

    public bool IsTaken(long index) => _taken.Contains(index);

    public bool IsRunning(long index) => _running.Contains(index);

    public bool IsFinished(long index) => _finished.Contains(index);

    // Slots that were taken out of order lie behind the head as soon as it passes them.
    private void Slide()
    {
        while (Head < Dispatched && !_running.Contains(Head) && !_finished.Contains(Head))
        {
            Head++;
        }
    }

    [DoesNotReturn]
    private void ThrowWrongState(long index, string action, string required)
        => throw new InvalidOperationException(
            $"Group {index} cannot {action}: it is not {required} (head {Head}, window {Window}, {Dispatched} dispatched).");
}
