using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.TestKit;

namespace Forge.DataPool.Tests;

public sealed class DataPoolTests
{
    private static readonly DataPoolOptions Small = new() { InFlight = 6, Window = 3, GroupsPerBatch = 2, MaxStaleness = 4 };

    [Fact]
    public async Task Groups_are_numbered_in_dispatch_order_and_keep_their_task()
    {
        await using var harness = await PoolHarness.StartAsync(Small);

        var first = await harness.DispatchAsync(episodes: 2);
        var second = await harness.DispatchAsync(episodes: 2);

        Assert.Equal([0, 1], [first.Id.Value, second.Id.Value]);
        Assert.Equal(SampleData.Task(1), second.Task);
        Assert.Equal(4, first.Episodes.Concat(second.Episodes).Distinct().Count());
    }

    [Fact]
    public async Task Dispatch_waits_at_the_in_flight_bound_until_a_group_is_consumed()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        for (var count = 0; count < Small.InFlight; count++)
        {
            await harness.FinishAsync(await harness.DispatchAsync());
        }

        var seventh = harness.DispatchAsync();
        await harness.TakeAsync();
        Assert.False(seventh.IsCompleted);
        await harness.Pool.SkipAsync(new GroupId(0), "no variance", CancellationToken.None);

        Assert.Equal(6, (await seventh.DefaultTimeout()).Id.Value);
    }

    [Fact]
    public async Task Dispatch_is_paced_so_that_no_group_can_grow_too_stale()
    {
        await using var harness = await PoolHarness.StartAsync(new() { InFlight = 6, Window = 1, GroupsPerBatch = 2, MaxStaleness = 0 });
        await harness.FinishAsync(await harness.DispatchAsync());
        await harness.FinishAsync(await harness.DispatchAsync());

        var third = harness.DispatchAsync();
        await harness.TakeAsync();
        await harness.TakeAsync();
        Assert.False(third.IsCompleted);
        Assert.True(harness.Pool.Staleness.Paced);
        await harness.AcknowledgeAsync(published: 1, 0, 1);

        Assert.Equal(new PolicyVersion(1), (await third.DefaultTimeout()).DispatchedAt);
    }

    [Fact]
    public async Task Take_follows_the_window()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var tickets = await DispatchAsync(harness, 6);
        foreach (var index in new[] { 5, 2, 1, 4 })
        {
            await harness.FinishAsync(tickets[index]);
        }

        Assert.Equal(1, (await harness.TakeAsync()).Id.Value);
        Assert.Equal(2, (await harness.TakeAsync()).Id.Value);
        var blocked = harness.TakeAsync();
        harness.Time.Advance(TimeSpan.FromSeconds(7));
        Assert.False(blocked.IsCompleted);
        Assert.Equal(TimeSpan.FromSeconds(7), harness.Pool.Status.BlockedTime);
        Assert.Equal(TimeSpan.FromSeconds(7), harness.Pool.Status.HeadAge);
        Assert.Equal(2, harness.Pool.Status.FinishedOutside);
        await harness.FinishAsync(tickets[0]);

        Assert.Equal(0, (await blocked).Id.Value);
        Assert.Equal(4, (await harness.TakeAsync()).Id.Value);
        Assert.Equal(3, harness.Pool.Status.Head);
    }

    [Fact]
    public async Task Group_is_available_when_all_its_episodes_ended()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var ticket = await harness.DispatchAsync(episodes: 3);
        var take = harness.TakeAsync();

        await harness.FinishAsync(ticket.Episodes[0]);
        await harness.FinishAsync(ticket.Episodes[2]);
        Assert.False(take.IsCompleted);
        await harness.FinishAsync(ticket.Episodes[1]);

        Assert.Equal(ticket.Episodes, (await take).Episodes.Select(episode => episode.Id));
    }

    [Fact]
    public async Task Acknowledged_step_reports_its_staleness_and_can_not_be_repeated()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var tickets = await DispatchAsync(harness, 4);
        foreach (var ticket in tickets)
        {
            await harness.FinishAsync(ticket);
            await harness.TakeAsync();
        }

        await harness.AcknowledgeAsync(published: 1, 0, 1);
        await harness.AcknowledgeAsync(published: 2, 2, 3);

        Assert.Equal(1, harness.Pool.Staleness.TrainedMax);
        Assert.Equal(2, harness.Pool.Staleness.Version);
        await Assert.ThrowsAsync<InvalidOperationException>(() => harness.AcknowledgeAsync(published: 3, 0));
    }

    [Fact]
    public async Task Version_never_goes_backwards()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        await harness.FinishAsync(await harness.DispatchAsync());
        await harness.TakeAsync();

        await Assert.ThrowsAsync<ForgeException>(() => harness.AcknowledgeAsync(published: 0, 0));
    }

    [Fact]
    public async Task Head_beyond_its_deadline_is_consumed_as_failed_and_counted()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var tickets = await DispatchAsync(harness, 5);
        await harness.FinishAsync(tickets[4]);
        var take = harness.TakeAsync();

        harness.Time.Advance(Small.GroupDeadline - TimeSpan.FromSeconds(1));
        Assert.False(take.IsCompleted);
        await harness.FinishAsync(tickets[2]);
        await take;
        await harness.FinishAsync(tickets[3]);
        var next = harness.TakeAsync();
        harness.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(3, (await next).Id.Value);
        await harness.FinishAsync(tickets[0]);
        Assert.Equal(1, harness.Pool.Status.Expired);
        Assert.Equal(2, harness.Pool.Status.LateResults);
        await harness.Pool.DisposeAsync();
        await using var store = SqliteEpisodeStore.Open(harness.Path, harness.Time);
        var failed = Assert.Single(await store.ReadConsumptionsAsync(CancellationToken.None));
        Assert.Equal((ConsumptionKind.Failed, new GroupId(0)), (failed.Kind, failed.Group));
    }

    [Fact]
    public async Task Waiting_can_be_cancelled_without_losing_a_group()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        using var source = new CancellationTokenSource();
        var take = harness.Pool.TakeAsync(source.Token);

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => take.DefaultTimeout());
        await harness.FinishAsync(await harness.DispatchAsync());

        Assert.Equal(0, (await harness.TakeAsync()).Id.Value);
    }

    [Fact]
    public async Task Wrong_options_are_listed_together()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var wrong = new DataPoolOptions { InFlight = 1, GroupsPerBatch = 2, Window = 0, MaxStaleness = -1 };

        var error = await Assert.ThrowsAsync<ForgeException>(
            () => DataPool.OpenAsync(null!, wrong, harness.Time, CancellationToken.None));

        Assert.Contains("in_flight is 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("window is 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("max_staleness is -1", error.Message, StringComparison.Ordinal);
    }

    private static async Task<List<GroupTicket>> DispatchAsync(PoolHarness harness, int count)
    {
        var tickets = new List<GroupTicket>();
        for (var index = 0; index < count; index++)
        {
            tickets.Add(await harness.DispatchAsync().DefaultTimeout());
        }

        return tickets;
    }
}
