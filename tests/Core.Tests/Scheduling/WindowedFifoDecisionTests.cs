using System.Text.Json;
using Forge.Core.Scheduling;
using Forge.TestKit;

namespace Forge.Core.Tests.Scheduling;

public sealed class WindowedFifoDecisionTests
{
    private static readonly JsonDocument Decisions =
        JsonDocument.Parse(File.ReadAllText(Golden.Path("scheduling/decisions.json")));

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Decisions.RootElement.GetProperty("cases").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void State_decides_what_may_be_taken(int number)
    {
        var decision = Decisions.RootElement.GetProperty("cases")[number];
        var states = decision.GetProperty("states").GetString()!;
        var expected = decision.GetProperty("expected");
        var fifo = WindowedFifo.Restore(
            decision.GetProperty("W").GetInt32(), states.Length, IndicesOf(states, 'r'), IndicesOf(states, 'f'), IndicesOf(states, 't'));

        Assert.Equal(expected.GetProperty("head").GetInt64(), fifo.Head);
        Assert.Equal(expected.GetProperty("fetchable").GetArrayLength(), fifo.FinishedInWindow);
        Assert.Equal(expected.GetProperty("refused_finished").GetArrayLength(), fifo.FinishedOutside);
        Assert.Equal(states.Count(state => state == 'r'), fifo.Running);
        AssertNext(expected, fifo);
    }

    [Fact]
    public void Wrong_transition_names_the_group_and_its_state()
    {
        var fifo = new WindowedFifo(2);
        fifo.Dispatch();

        var error = Assert.Throws<InvalidOperationException>(() => fifo.Consume(0));

        Assert.Contains("Group 0 cannot consume: it is not taken", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => fifo.Finish(1));
        Assert.Throws<InvalidOperationException>(() => fifo.PutBack(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WindowedFifo(0));
    }

    [Fact]
    public void ExpireHead_slides_past_slots_that_were_already_taken()
    {
        var fifo = WindowedFifo.Restore(3, dispatched: 5, running: [0, 3], finished: [1, 2, 4], taken: []);
        Assert.True(fifo.TryTake(out _));
        Assert.True(fifo.TryTake(out _));
        Assert.True(fifo.IsBlocked);

        Assert.Equal(0, fifo.ExpireHead());

        Assert.Equal(3, fifo.Head);
        Assert.True(fifo.TryTake(out var next));
        Assert.Equal(4, next);
    }

    [Fact]
    public void PutBack_makes_the_head_return_to_the_group()
    {
        var fifo = WindowedFifo.Restore(2, dispatched: 3, running: [], finished: [0, 1, 2], taken: []);
        Assert.True(fifo.TryTake(out var first));
        Assert.True(fifo.TryTake(out var second));
        fifo.Consume(first);

        fifo.PutBack(first);
        fifo.PutBack(second);

        Assert.Equal(0, fifo.Head);
        Assert.Equal(3, fifo.InFlight);
        Assert.True(fifo.TryTake(out var again));
        Assert.Equal(0, again);
    }

    private static void AssertNext(JsonElement expected, WindowedFifo fifo)
    {
        foreach (var index in expected.GetProperty("fetchable").EnumerateArray().Select(item => item.GetInt64()))
        {
            if (fifo.Head == expected.GetProperty("head").GetInt64())
            {
                Assert.True(fifo.TryTake(out var taken));
                Assert.Equal(index, taken);
            }
        }

        if (expected.GetProperty("action").GetString() == "wait_head_of_window")
        {
            Assert.Equal(JsonValueKind.Null, expected.GetProperty("next").ValueKind);
            Assert.False(fifo.TryTake(out _));
        }
    }

    private static IEnumerable<long> IndicesOf(string states, char state)
        => states.Select((letter, index) => (letter, index)).Where(slot => slot.letter == state).Select(slot => (long)slot.index);
}
