using Forge.Core.Scheduling;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Scheduling;

/// <summary>Every script is a list of numbers that picks, step by step, among the moves that are possible.</summary>
public sealed class WindowedFifoPropertyTests
{
    private static readonly Arbitrary<(int Window, int[] Script)> Scripts = (
        from window in Gen.Choose(1, 12)
        from script in Gen.Choose(0, int.MaxValue).ArrayOf()
        select (window, script)).ToArbitrary();

    [Fact]
    public void Takes_stay_inside_the_window_and_are_the_lowest_finished()
        => Holds(Scripts, run => Play(run.Window, run.Script).All(
            take => take.Index >= take.Head && take.Index < take.Head + run.Window && take.WasLowestFinished));

    [Fact]
    public void Nothing_is_lost_and_nothing_is_taken_twice()
        => Holds(Scripts, run =>
        {
            var order = Play(run.Window, run.Script).Select(take => take.Index).ToList();
            return order.Order().SequenceEqual(Enumerable.Range(0, order.Count).Select(index => (long)index));
        });

    [Fact]
    public void A_window_of_one_is_strict_fifo()
        => Holds(Scripts, run =>
        {
            var order = Play(window: 1, run.Script).Select(take => take.Index).ToList();
            return order.SequenceEqual(order.Order());
        });

    [Fact]
    public void A_window_of_all_in_flight_is_greedy()
        => Holds(Scripts, run => !Play(run.Script.Length + 1, run.Script).Any(take => take.WasEverBlocked));

    [Fact]
    public void A_recorded_schedule_replays_to_the_same_decisions()
        => Holds(Scripts, run =>
        {
            var events = new List<ScheduleEvent>();
            Play(run.Window, run.Script, events);
            return ScheduleReplay.FirstDeviation(run.Window, events) == -1;
        });

    [Fact]
    public void A_changed_record_is_found()
    {
        ScheduleEvent[] events =
        [
            new(ScheduleEventKind.Dispatched, 0, 0),
            new(ScheduleEventKind.Dispatched, 1, 0),
            new(ScheduleEventKind.Finished, 1, 0),
            new(ScheduleEventKind.Finished, 0, 0),
            new(ScheduleEventKind.Taken, 1, 0),
        ];

        Assert.Equal(4, ScheduleReplay.FirstDeviation(window: 2, events));
    }

    private static List<Take> Play(int window, int[] script, List<ScheduleEvent>? events = null)
    {
        var fifo = new WindowedFifo(window);
        var running = new List<long>();
        var finished = new SortedSet<long>();
        var takes = new List<Take>();
        var blocked = false;
        foreach (var number in script)
        {
            Move(number);
        }

        while (running.Count + finished.Count > 0)
        {
            Move(1);
            Move(2);
        }

        return takes;

        void Move(int number)
        {
            if (number % 3 == 0)
            {
                var index = fifo.Dispatch();
                running.Add(index);
                events?.Add(new ScheduleEvent(ScheduleEventKind.Dispatched, index, fifo.Head));
            }
            else if (number % 3 == 1 && running.Count > 0)
            {
                var index = running[number / 3 % running.Count];
                running.Remove(index);
                finished.Add(index);
                fifo.Finish(index);
                events?.Add(new ScheduleEvent(ScheduleEventKind.Finished, index, fifo.Head));
            }
            else if (number % 3 == 2)
            {
                TakeOne();
            }
        }

        void TakeOne()
        {
            blocked |= fifo.IsBlocked;
            var head = running.Concat(finished).DefaultIfEmpty(-1).Min();
            if (fifo.TryTake(out var index))
            {
                takes.Add(new Take(index, head, index == finished.Min, blocked));
                finished.Remove(index);
                events?.Add(new ScheduleEvent(ScheduleEventKind.Taken, index, fifo.Head));
                fifo.Consume(index);
                events?.Add(new ScheduleEvent(ScheduleEventKind.Consumed, index, fifo.Head));
            }
        }
    }

    private static void Holds<T>(Arbitrary<T> inputs, Func<T, bool> holds)
        => Prop.ForAll(inputs, holds).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));

    private sealed record Take(long Index, long Head, bool WasLowestFinished, bool WasEverBlocked);
}
