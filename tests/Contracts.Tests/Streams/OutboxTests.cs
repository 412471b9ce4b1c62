using Forge.Contracts.Streams;
using Forge.TestKit;

namespace Forge.Contracts.Tests.Streams;

/// <summary>How items share messages.</summary>
public sealed class OutboxTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<int[]> _written = [];

    [Fact]
    public void The_first_item_leaves_at_once()
    {
        var outbox = Outbox();

        outbox.Add(1, 1);

        Assert.Equal([[1]], _written);
    }

    [Fact]
    public async Task What_comes_within_the_pause_shares_the_next_message()
    {
        var outbox = Outbox();
        outbox.Add(1, 1);
        outbox.Add(2, 1);
        outbox.Add(3, 1);
        Assert.Equal([[1]], _written);

        _time.Advance(Limits.Pause);
        await outbox.FlushAsync().DefaultTimeout();

        Assert.Equal([[1], [2, 3]], _written);
    }

    [Fact]
    public async Task A_message_is_bounded_in_items_and_bytes()
    {
        var outbox = Outbox();
        outbox.Add(0, 1);
        foreach (var (item, size) in new[] { (1, 1L), (2, 1L), (3, 1L), (4, 1L), (5, 100L), (6, 100L), (7, 1L) })
        {
            outbox.Add(item, size);
        }

        for (var messages = 2; messages <= 5; messages++)
        {
            _time.Advance(Limits.Pause);
            await Eventually.TrueAsync(() => _written.Count == messages, $"message {messages} is written");
        }

        Assert.Equal([[0], [1, 2, 3, 4], [5], [6], [7]], _written);
    }

    [Fact]
    public async Task A_write_that_fails_ends_it_and_nobody_waits_for_ever()
    {
        var outbox = new Outbox<int>(_ => throw new IOException("gone"), Limits, _time);

        outbox.Add(1, 1);
        outbox.Add(2, 1);

        await outbox.FlushAsync().DefaultTimeout();
    }

    private static OutboxLimits Limits { get; } = new(Items: 4, Bytes: 100, TimeSpan.FromMilliseconds(10));

    private Outbox<int> Outbox() => new(Write, Limits, _time);

    private Task Write(IReadOnlyList<int> items)
    {
        _written.Add([.. items]);
        return Task.CompletedTask;
    }
}
