namespace Forge.Core.Scheduling;

/// <summary>Feeds a recorded schedule to a fresh <see cref="WindowedFifo"/> and compares every decision.</summary>
public static class ScheduleReplay
{
    /// <summary>Returns the position of the first event that the rule would have decided otherwise, or -1 when all agree.</summary>
    /// <param name="window">W of the recorded run.</param>
    /// <param name="events">The whole record, from the first dispatch.</param>
    public static int FirstDeviation(int window, IReadOnlyList<ScheduleEvent> events)
    {
        var fifo = new WindowedFifo(window);
        for (var position = 0; position < events.Count; position++)
        {
            if (!Agrees(fifo, events[position]))
            {
                return position;
            }
        }

        return -1;
    }

    private static bool Agrees(WindowedFifo fifo, ScheduleEvent recorded)
    {
        try
        {
            return Apply(fifo, recorded) == recorded.Index && fifo.Head == recorded.Head;
        }
        catch (InvalidOperationException)
        {
            // The group was not in the state that the record claims.
            return false;
        }
    }

    private static long Apply(WindowedFifo fifo, ScheduleEvent recorded)
    {
        switch (recorded.Kind)
        {
            case ScheduleEventKind.Dispatched:
                return fifo.Dispatch();
            case ScheduleEventKind.Finished:
                fifo.Finish(recorded.Index);
                return recorded.Index;
            case ScheduleEventKind.Taken:
                return fifo.TryTake(out var index) ? index : -1;
            case ScheduleEventKind.Consumed:
                fifo.Consume(recorded.Index);
                return recorded.Index;
            case ScheduleEventKind.PutBack:
                fifo.PutBack(recorded.Index);
                return recorded.Index;
            case ScheduleEventKind.Retaken:
                fifo.Retake(recorded.Index);
                return recorded.Index;
            case ScheduleEventKind.Expired:
                return fifo.ExpireHead();
            case ScheduleEventKind.GivenUp:
                fifo.GiveUp(recorded.Index);
                return recorded.Index;
            default:
                throw new ArgumentOutOfRangeException(nameof(recorded), recorded.Kind, "Unknown kind of schedule event.");
        }
    }
}
