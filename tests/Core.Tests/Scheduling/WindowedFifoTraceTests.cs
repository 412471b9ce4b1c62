using System.Text.Json;
using Forge.Core.Scheduling;
using Forge.TestKit;

namespace Forge.Core.Tests.Scheduling;

public sealed class WindowedFifoTraceTests
{
    private static readonly JsonDocument Traces =
        JsonDocument.Parse(File.ReadAllText(Golden.Path("scheduling/windowed_fifo_traces.json")));

    public static TheoryData<string> Cases(string kind)
        => [.. Traces.RootElement.GetProperty("cases").EnumerateArray()
            .Where(trace => trace.GetProperty("kind").GetString() == kind)
            .Select(trace => trace.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases), "fixed_queue")]
    public void Fixed_queue_is_taken_in_the_published_order(string id)
    {
        var trace = Find(id);
        var simulation = new TraceSimulation(Int(trace, "W"), Int(trace, "N"));

        foreach (var completion in trace.GetProperty("completions").EnumerateArray())
        {
            simulation.FinishAt(completion[0].GetInt64(), completion[1].GetInt64());
        }

        simulation.Run(fetchTotal: Int(trace, "N"), durations: null);

        AssertExpected(trace, simulation);
        var events = trace.GetProperty("after_each_event").EnumerateArray().ToList();
        Assert.Equal(events.Select(step => step.GetProperty("t").GetInt64()), simulation.Events.Select(step => step.Time));
        Assert.Equal(events.Select(step => step.GetProperty("head").GetInt64()), simulation.Events.Select(step => step.Head));
        Assert.Equal(
            events.Select(step => step.GetProperty("waiting_outside_window").GetArrayLength()),
            simulation.Events.Select(step => step.Outside));
    }

    [Theory]
    [MemberData(nameof(Cases), "continuous")]
    public void Continuous_queue_is_taken_in_the_published_order(string id)
    {
        var trace = Find(id);
        var durations = Longs(trace.GetProperty("durations"));
        var simulation = new TraceSimulation(Int(trace, "W"), Int(trace, "N"));
        for (var index = 0; index < Int(trace, "N"); index++)
        {
            simulation.FinishAt(durations[index], index);
        }

        simulation.Run(Int(trace, "fetch_total"), durations);

        AssertExpected(trace, simulation);
        var expected = trace.GetProperty("expected");
        Assert.Equal(Longs(expected.GetProperty("lag")), simulation.Lags);
        Assert.Equal(Int(expected, "max_lag"), simulation.Lags.Max());
        Assert.Equal(Int(expected, "lag_bound"), Int(trace, "N") + Int(trace, "W") - 2);
        Assert.All(simulation.Lags, lag => Assert.True(lag <= Int(expected, "lag_bound")));
        if (expected.TryGetProperty("dispatched_at", out var dispatchedAt))
        {
            Assert.Equal(Longs(dispatchedAt), simulation.DispatchTimes.Take(dispatchedAt.GetArrayLength()));
        }
    }

    [Fact]
    public void Figure_5_window_stands_on_the_slow_item()
    {
        var fifo = new WindowedFifo(4);
        for (var index = 0; index < 8; index++)
        {
            fifo.Dispatch();
        }

        long[] order = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10];
        foreach (var index in order)
        {
            fifo.Finish(index);
            Assert.True(fifo.TryTake(out var taken));
            Assert.Equal(index, taken);
            fifo.Consume(taken);
            fifo.Dispatch();
        }

        fifo.Finish(11);

        Assert.Equal(7, fifo.Head);
        Assert.True(fifo.IsHeadRunning);
        Assert.True(fifo.IsBlocked);
        Assert.False(fifo.TryTake(out _));
        Assert.Equal(1, fifo.FinishedOutside);
        fifo.Finish(7);
        Assert.True(fifo.TryTake(out var head));
        Assert.Equal(7, head);
        Assert.Equal(11, fifo.Head);
    }

    private static void AssertExpected(JsonElement trace, TraceSimulation simulation)
    {
        var expected = trace.GetProperty("expected");
        Assert.Equal(Longs(expected.GetProperty("order")), simulation.Order);
        Assert.Equal(Longs(expected.GetProperty("times")), simulation.Times);
        Assert.Equal(Int(expected, "max_displacement"), simulation.Displacements.Max());
        Assert.Equal(Intervals(expected.GetProperty("window_blocked_intervals")), simulation.BlockedIntervals);
        Assert.Equal(Intervals(expected.GetProperty("nothing_finished_intervals")), simulation.EmptyIntervals);
    }

    private static JsonElement Find(string id)
        => Traces.RootElement.GetProperty("cases").EnumerateArray().Single(trace => trace.GetProperty("id").GetString() == id);

    private static int Int(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static long[] Longs(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt64())];

    private static (long From, long To)[] Intervals(JsonElement array)
        => [.. array.EnumerateArray().Select(item => (item[0].GetInt64(), item[1].GetInt64()))];
}
