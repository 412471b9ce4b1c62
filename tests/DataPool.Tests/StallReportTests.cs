using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.DataPool.Tests;

public sealed class StallReportTests
{
    private static readonly DataPoolOptions Small = new() { InFlight = 2, Window = 2, GroupsPerBatch = 2, GroupDeadline = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Nothing_is_reported_while_things_move()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        harness.Time.Advance(Small.StallAfter - TimeSpan.FromSeconds(1));

        Assert.Null(harness.Pool.Status.Stall);
    }

    [Fact]
    public async Task Trainer_waits_for_an_agent_side_that_never_asks()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        harness.Time.Advance(TimeSpan.FromMinutes(3));

        var stall = harness.Pool.Status.Stall!;

        Assert.Equal(("trainer", "the agent side", TimeSpan.FromMinutes(3)), (stall.Waiting, stall.For, stall.Since));
        Assert.Contains("only 0 of data_pool.in_flight = 2", stall.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trainer_waits_for_the_worker_that_plays_the_head()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        await harness.DispatchAsync(episodes: 2);
        harness.Time.Advance(TimeSpan.FromMinutes(3));

        var stall = harness.Pool.Status.Stall!;

        Assert.Equal(("trainer", "group 0, which local plays"), (stall.Waiting, stall.For));
        Assert.Contains("It lacks 2 of 2 episodes", stall.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trainer_waits_for_a_worker_to_take_over_a_lost_lease()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var reply = await harness.Pool.DispatchAsync(
            new DispatchRequest(new WorkerId("w1"), [], 3, default, SampleData.Task(0)), CancellationToken.None).DefaultTimeout();
        Assert.NotNull(reply.Ticket);
        harness.Time.Advance(TimeSpan.FromMinutes(3));

        Assert.Contains("3 episodes wait for a worker", harness.Pool.Status.Stall!.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_side_waits_for_a_trainer_that_does_not_take_or_acknowledge()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        await harness.FinishAsync(await harness.DispatchAsync());
        await harness.FinishAsync(await harness.DispatchAsync());
        harness.Time.Advance(TimeSpan.FromMinutes(3));
        var before = harness.Pool.Status.Stall!;
        await harness.TakeAsync();
        await harness.TakeAsync();
        Assert.Null(harness.Pool.Status.Stall);
        harness.Time.Advance(TimeSpan.FromMinutes(3));

        Assert.Contains("2 groups may be taken", before.Advice, StringComparison.Ordinal);
        Assert.Contains("none is acknowledged (data_pool.in_flight is 2)", harness.Pool.Status.Stall!.Advice, StringComparison.Ordinal);
    }
}
