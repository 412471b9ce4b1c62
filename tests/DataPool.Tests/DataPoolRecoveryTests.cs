using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Sqlite;
using Forge.TestKit;

namespace Forge.DataPool.Tests;

public sealed class DataPoolRecoveryTests
{
    private static readonly DataPoolOptions Small = new() { InFlight = 12, Window = 4, GroupsPerBatch = 2, MaxStaleness = 9 };

    [Fact]
    public async Task Reopened_pool_dispatches_unfinished_groups_first_and_only_what_they_lack()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var first = await harness.DispatchAsync(episodes: 3);
        await harness.DispatchAsync(episodes: 2);
        await harness.FinishAsync(first.Episodes[1]);
        await harness.Pool.RecordAsync(SampleData.Completion(first.Episodes[0], turn: 0), CancellationToken.None);

        await harness.ReopenAsync();
        var again = await harness.DispatchAsync(episodes: 3);
        var second = await harness.DispatchAsync(episodes: 3);
        var fresh = await harness.DispatchAsync(episodes: 3);

        Assert.Equal([0, 1, 2], [again.Id.Value, second.Id.Value, fresh.Id.Value]);
        Assert.Equal([new EpisodeId("g0-e0-a1"), new EpisodeId("g0-e2-a1")], again.Episodes);
        await harness.FinishAsync(again);
        var group = await harness.TakeAsync();
        Assert.Equal(["g0-e0-a1", "g0-e1", "g0-e2-a1"], group.Episodes.Select(episode => episode.Id.Value));
        Assert.All(group.Episodes, episode => Assert.Single(episode.Completions));
    }

    [Fact]
    public async Task Reopened_pool_offers_finished_and_unacknowledged_groups_again()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        for (var index = 0; index < 4; index++)
        {
            await harness.FinishAsync(await harness.DispatchAsync());
        }

        await TakeAsync(harness, 3);
        await harness.AcknowledgeAsync(published: 1, 0, 1);

        await harness.ReopenAsync();

        Assert.Equal(new long[] { 2, 3 }, await TakeAsync(harness, 2));
        Assert.Equal(1, harness.Pool.Staleness.Version);
        await harness.AcknowledgeAsync(published: 2, 2, 3);
    }

    [Fact]
    public async Task Recover_forgets_steps_after_the_checkpoint()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        for (var index = 0; index < 7; index++)
        {
            await harness.FinishAsync(await harness.DispatchAsync());
        }

        await TakeAsync(harness, 6);
        await harness.AcknowledgeAsync(published: 1, 0, 1);
        await harness.AcknowledgeAsync(published: 2, 2, 4);
        await harness.Pool.SkipAsync(new GroupId(3), "no variance", CancellationToken.None);

        await harness.ReopenAsync();
        await harness.Pool.RecoverAsync(new PolicyVersion(1), CancellationToken.None).DefaultTimeout();

        Assert.Equal(1, harness.Pool.Staleness.Version);
        Assert.Equal(new long[] { 2, 3, 4, 5, 6 }, await TakeAsync(harness, 5));
        await harness.AcknowledgeAsync(published: 2, 2, 3);
    }

    [Fact]
    public async Task Step_of_the_checkpoint_is_acknowledged_after_a_crash_before_its_acknowledgement()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        for (var index = 0; index < 6; index++)
        {
            var ticket = await harness.DispatchAsync();
            if (index != 1)
            {
                await harness.FinishAsync(ticket);
            }
        }

        Assert.Equal(new long[] { 0, 2, 3 }, await TakeAsync(harness, 3));
        await harness.ReopenAsync();
        await harness.AcknowledgeAsync(published: 1, 0, 2, 3);
        await harness.Pool.RecoverAsync(new PolicyVersion(1), CancellationToken.None).DefaultTimeout();

        Assert.Equal(1, harness.Pool.Staleness.Version);
        Assert.Equal(3, harness.Pool.Status.InFlight);
        Assert.Equal(new long[] { 4 }, await TakeAsync(harness, 1));
        await harness.Pool.DisposeAsync();
        await using var store = SqliteEpisodeStore.Open(harness.Path, harness.Time);
        Assert.Equal(
            -1, ScheduleReplay.FirstDeviation(Small.ResolvedWindow, await store.ReadScheduleAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task Acknowledging_a_step_again_changes_nothing()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        for (var index = 0; index < 4; index++)
        {
            await harness.FinishAsync(await harness.DispatchAsync());
        }

        await TakeAsync(harness, 4);
        await harness.AcknowledgeAsync(published: 1, 0, 1);
        await harness.AcknowledgeAsync(published: 2, 2, 3);
        await harness.ReopenAsync();
        await harness.AcknowledgeAsync(published: 0);
        await harness.AcknowledgeAsync(published: 1, 0, 1);
        await harness.Pool.RecoverAsync(new PolicyVersion(1), CancellationToken.None).DefaultTimeout();

        Assert.Equal(1, harness.Pool.Staleness.Version);
        Assert.Equal(new long[] { 2, 3 }, await TakeAsync(harness, 2));
        await Assert.ThrowsAsync<InvalidOperationException>(() => harness.AcknowledgeAsync(published: 2, 0, 2));
    }

    [Fact]
    public async Task Recover_in_a_running_pool_returns_what_was_taken()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        await harness.FinishAsync(await harness.DispatchAsync());
        var running = await harness.DispatchAsync();
        await TakeAsync(harness, 1);

        await harness.Pool.RecoverAsync(PolicyVersion.Initial, CancellationToken.None).DefaultTimeout();
        await harness.FinishAsync(running);

        Assert.Equal(new long[] { 0, 1 }, await TakeAsync(harness, 2));
    }

    [Fact]
    public async Task Checkpoint_newer_than_the_pool_is_refused()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        await harness.Pool.RecoverAsync(new PolicyVersion(5), CancellationToken.None).DefaultTimeout();
        Assert.Equal(new PolicyVersion(5), (await harness.DispatchAsync()).DispatchedAt);

        var error = await Assert.ThrowsAsync<ForgeException>(
            () => harness.Pool.RecoverAsync(new PolicyVersion(6), CancellationToken.None).DefaultTimeout());

        Assert.Contains("trained twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_whole_record_replays_across_reopenings()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        for (var round = 0; round < 3; round++)
        {
            var tickets = new List<GroupTicket>();
            for (var index = 0; index < 5; index++)
            {
                tickets.Add(await harness.DispatchAsync().DefaultTimeout());
            }

            foreach (var index in new[] { 3, 0, 2, 1 })
            {
                await harness.FinishAsync(tickets[index]);
            }

            var taken = await TakeAsync(harness, 3);
            await harness.AcknowledgeAsync(published: round + 1, [.. taken.Take(2)]);
            await harness.ReopenAsync();
        }

        await harness.Pool.RecoverAsync(new PolicyVersion(2), CancellationToken.None).DefaultTimeout();
        await TakeAsync(harness, 3);
        await harness.Pool.DisposeAsync();

        await using var store = SqliteEpisodeStore.Open(harness.Path, harness.Time);
        var record = await store.ReadScheduleAsync(CancellationToken.None);
        Assert.Contains(record, step => step.Kind == ScheduleEventKind.PutBack);
        Assert.Equal(-1, ScheduleReplay.FirstDeviation(Small.ResolvedWindow, record));
    }

    [Fact]
    public async Task A_copy_of_the_files_in_the_middle_of_work_opens_with_all_that_was_answered()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        for (var index = 0; index < 4; index++)
        {
            await harness.FinishAsync(await harness.DispatchAsync());
        }

        await TakeAsync(harness, 2);
        await harness.AcknowledgeAsync(published: 1, 0, 1);
        using var crashed = new TemporaryFolder();
        foreach (var suffix in new[] { "", "-wal" })
        {
            File.Copy(harness.Path + suffix, crashed.File("pool.db") + suffix);
        }

        await using var pool = await DataPoolHost.OpenAsync(crashed.File("pool.db"), Small, harness.Time, CancellationToken.None);

        Assert.Equal(2, (await pool.TakeAsync(CancellationToken.None).DefaultTimeout()).Id.Value);
        Assert.Equal(1, pool.Staleness.Version);
    }

    private static async Task<long[]> TakeAsync(PoolHarness harness, int count)
    {
        var taken = new long[count];
        for (var index = 0; index < count; index++)
        {
            taken[index] = (await harness.TakeAsync()).Id.Value;
        }

        return taken;
    }
}
