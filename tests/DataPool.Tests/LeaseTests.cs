using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.TestKit;

namespace Forge.DataPool.Tests;

public sealed class LeaseTests
{
    private static readonly WorkerId One = new("w1");
    private static readonly WorkerId Two = new("w2");
    private static readonly DataPoolOptions Small = new()
    {
        InFlight = 6,
        Window = 3,
        GroupsPerBatch = 2,
        MaxStaleness = 9,
        LeaseDuration = TimeSpan.FromSeconds(30),
        GroupDeadline = TimeSpan.FromHours(1),
    };

    [Fact]
    public async Task Lost_lease_is_offered_first_and_what_its_worker_still_sends_is_refused()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var stopped = await TicketAsync(harness, One, episodes: 2);
        await harness.FinishAsync(stopped.Episodes[0]);
        harness.Time.Advance(TimeSpan.FromSeconds(31));

        var taken = await TicketAsync(harness, Two);
        var completion = await harness.Pool.RecordAsync(SampleData.Completion(stopped.Episodes[1], turn: 0), CancellationToken.None).DefaultTimeout();
        var late = await harness.Pool.FinishAsync(SampleData.Result(stopped.Episodes[1], turns: 1), CancellationToken.None).DefaultTimeout();
        var lost = await harness.Pool.RenewAsync(One, [stopped.Lease.Token], CancellationToken.None);
        await harness.FinishAsync(taken);

        Assert.Equal((stopped.Id, "g0-e1-a1"), (taken.Id, Assert.Single(taken.Episodes).Value));
        Assert.True(taken.Lease.Token > stopped.Lease.Token);
        Assert.Equal((Receipt.Stale, Receipt.Stale), (completion, late));
        Assert.Equal([stopped.Lease.Token], lost);
        Assert.Equal((2, 1), (harness.Pool.Status.LateResults, harness.Pool.Status.LostLeases));
        Assert.Equal(["g0-e0", "g0-e1-a1"], (await harness.TakeAsync()).Episodes.Select(episode => episode.Id.Value));
    }

    [Fact]
    public async Task Renewed_lease_is_kept_as_long_as_it_is_renewed()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var ticket = await TicketAsync(harness, One);
        for (var renewal = 0; renewal < 10; renewal++)
        {
            harness.Time.Advance(TimeSpan.FromSeconds(20));
            Assert.Empty(await harness.Pool.RenewAsync(One, [ticket.Lease.Token], CancellationToken.None));
        }

        Assert.Equal(1, (await TicketAsync(harness, Two)).Id.Value);
        Assert.Equal([ticket.Lease.Token], await harness.Pool.RenewAsync(Two, [ticket.Lease.Token], CancellationToken.None));
    }

    [Fact]
    public async Task Result_between_the_end_of_a_lease_and_the_next_ticket_still_counts()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var slow = await TicketAsync(harness, One);
        harness.Time.Advance(TimeSpan.FromSeconds(31));

        await harness.FinishAsync(slow);

        Assert.Equal(1, (await TicketAsync(harness, Two)).Id.Value);
        Assert.Equal("g0-e0", (await harness.TakeAsync()).Episodes[0].Id.Value);
        Assert.Equal(0, harness.Pool.Status.LateResults);
    }

    [Fact]
    public async Task Waiting_worker_is_woken_by_the_end_of_a_lease()
    {
        await using var harness = await PoolHarness.StartAsync(new DataPoolOptions { InFlight = 2, Window = 1, GroupsPerBatch = 2 });
        var first = await TicketAsync(harness, One);
        await TicketAsync(harness, One, held: first.Lease.Token);
        var waiting = TicketAsync(harness, Two);
        Assert.False(waiting.IsCompleted);

        harness.Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal("g0-e0-a1", (await waiting.DefaultTimeout()).Episodes[0].Value);
    }

    [Fact]
    public async Task Ticket_that_was_lost_on_the_way_comes_again()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var lost = await TicketAsync(harness, One, episodes: 3);

        var again = await TicketAsync(harness, One);
        var next = await TicketAsync(harness, One, held: again.Lease.Token);

        Assert.Equal((lost.Id, lost.Lease), (again.Id, again.Lease));
        Assert.Equal(lost.Episodes, again.Episodes);
        Assert.Equal(1, next.Id.Value);
    }

    [Fact]
    public async Task Worker_that_expects_another_index_is_told_the_next_one()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        await TicketAsync(harness, One);

        var reply = await harness.Pool.DispatchAsync(
            new DispatchRequest(Two, [], 1, new GroupId(7), SampleData.Task(7)), CancellationToken.None).DefaultTimeout();

        Assert.Equal((null, new GroupId(1)), (reply.Ticket, reply.Next));
    }

    [Fact]
    public async Task Released_ticket_is_offered_at_once_and_counts_as_no_failure()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        for (var round = 0; round < 5; round++)
        {
            var ticket = await TicketAsync(harness, One);
            Assert.Equal(0, ticket.Id.Value);
            await harness.Pool.ReleaseAsync(One, [ticket.Lease.Token], CancellationToken.None);
        }

        Assert.Equal(0, harness.Pool.Status.DeadLetters);
    }

    [Theory]
    [InlineData(EpisodeStatus.InfrastructureFailure)]
    [InlineData(EpisodeStatus.EnvironmentFailure)]
    public async Task Broken_episode_is_played_again_and_after_its_last_attempt_the_group_is_given_up_once(EpisodeStatus status)
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var ticket = await TicketAsync(harness, One, episodes: 4);
        await harness.FinishAsync(ticket.Episodes[0]);
        var broken = ticket.Episodes[1];
        for (var attempt = 1; attempt < 3; attempt++)
        {
            await BreakAsync(harness, broken, status);
            var again = await TicketAsync(harness, Two);
            broken = Assert.Single(again.Episodes);
            Assert.Equal($"g0-e1-a{attempt}", broken.Value);
            await harness.FinishAsync(ticket.Episodes[attempt + 1]);
        }

        await BreakAsync(harness, broken, status);

        Assert.Equal((1, 1, 0), (harness.Pool.Status.DeadLetters, harness.Pool.Status.Expired, harness.Pool.Status.Running));
        Assert.Equal(1, (await TicketAsync(harness, Two)).Id.Value);
        await harness.Pool.DisposeAsync();
        await using var store = SqliteEpisodeStore.Open(harness.Path, harness.Time);
        var letter = Assert.Single(await store.ReadDeadLettersAsync(CancellationToken.None));
        Assert.Equal((new GroupId(0), broken, 3), (letter.Group, letter.Episode, letter.Attempts));
        Assert.Equal(ConsumptionKind.Failed, Assert.Single(await store.ReadConsumptionsAsync(CancellationToken.None)).Kind);
        Assert.Equal(-1, ScheduleReplay.FirstDeviation(Small.ResolvedWindow, await store.ReadScheduleAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task Machinery_that_fails_everybody_costs_no_task_its_attempts()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var broken = Assert.Single((await TicketAsync(harness, One)).Episodes);

        for (var attempt = 1; attempt < 10; attempt++)
        {
            await BreakAsync(harness, broken, EpisodeStatus.InfrastructureFailure);
            broken = Assert.Single((await TicketAsync(harness, Two)).Episodes);
            Assert.Equal($"g0-e0-a{attempt}", broken.Value);
        }

        await harness.FinishAsync(broken);
        Assert.Equal(0, harness.Pool.Status.DeadLetters);
        Assert.Equal(0, (await harness.TakeAsync()).Id.Value);
    }

    [Fact]
    public async Task Group_whose_lease_is_lost_three_times_is_given_up()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            Assert.Equal(0, (await TicketAsync(harness, new WorkerId($"w{attempt}"))).Id.Value);
            harness.Time.Advance(TimeSpan.FromSeconds(31));
        }

        Assert.Equal(1, (await TicketAsync(harness, Two)).Id.Value);
        Assert.Equal((1, 3), (harness.Pool.Status.DeadLetters, harness.Pool.Status.LostLeases));
    }

    [Fact]
    public async Task Workers_in_other_processes_keep_their_tickets_when_the_pool_restarts()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var ticket = await TicketAsync(harness, One);
        var other = await TicketAsync(harness, Two);

        await harness.ReopenAsync();
        harness.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(await harness.Pool.RenewAsync(One, [ticket.Lease.Token], CancellationToken.None));
        harness.Time.Advance(TimeSpan.FromSeconds(20));
        await harness.FinishAsync(ticket);

        Assert.Equal(other.Id, (await TicketAsync(harness, One)).Id);
        Assert.Equal("g0-e0", (await harness.TakeAsync()).Episodes[0].Id.Value);
    }

    [Fact]
    public async Task Repeated_results_change_nothing()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var ticket = await TicketAsync(harness, One);
        await harness.FinishAsync(ticket);

        var receipt = await harness.Pool.FinishAsync(SampleData.Result(ticket.Episodes[0], turns: 1), CancellationToken.None).DefaultTimeout();

        Assert.Equal(Receipt.Duplicate, receipt);
        Assert.Equal((0, 1), (harness.Pool.Status.LateResults, harness.Pool.Status.FinishedInWindow));
    }

    [Fact]
    public async Task Infrastructure_failure_never_becomes_a_reward()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var ticket = await TicketAsync(harness, One);
        await harness.Pool.RecordAsync(SampleData.Completion(ticket.Episodes[0], turn: 0), CancellationToken.None);
        await harness.Pool.FinishAsync(SampleData.Result(ticket.Episodes[0], 1, EpisodeStatus.InfrastructureFailure), CancellationToken.None);
        await harness.FinishAsync(await TicketAsync(harness, One));
        await harness.Pool.DisposeAsync();

        Assert.Equal(["g0-e0-a1"], RewardedEpisodes(harness.Path));
    }

    private static List<string> RewardedEpisodes(string path)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False");
        return [.. Dapper.SqlMapper.Query<string>(connection, "SELECT id FROM episodes WHERE LENGTH(rewards) > 0")];
    }

    private static Task<Receipt> BreakAsync(PoolHarness harness, EpisodeId episode, EpisodeStatus status)
        => harness.Pool.FinishAsync(SampleData.Result(episode, turns: 0, status), CancellationToken.None).DefaultTimeout();

    private static async Task<GroupTicket> TicketAsync(PoolHarness harness, WorkerId worker, int episodes = 1, params ImmutableArray<long> held)
    {
        var next = new GroupId(0);
        while (true)
        {
            var reply = await harness.Pool.DispatchAsync(
                new DispatchRequest(worker, held.IsDefault ? [] : held, episodes, next, SampleData.Task(next.Value)), CancellationToken.None);
            if (reply.Ticket is { } ticket)
            {
                return ticket;
            }

            next = reply.Next;
        }
    }
}
