using System.Diagnostics;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Sqlite;
using Forge.TestKit;

namespace Forge.DataPool.Tests;

public sealed class DataPoolConcurrencyTests
{
    private static readonly DataPoolOptions Options = new() { InFlight = 32, WindowRatio = 0.3, GroupsPerBatch = 8, MaxStaleness = 4 };

    [Fact]
    public async Task Many_samplers_and_one_trainer_train_every_group_once_within_the_staleness_bound()
    {
        await using var harness = await PoolHarness.StartAsync(Options);
        using var stop = new CancellationTokenSource();
        var samplers = Enumerable.Range(0, 12).Select(seed => SampleAsync(harness.Pool, new Random(seed), stop.Token)).ToList();
        var seen = new HashSet<long>();

        for (var version = 1; version <= 30; version++)
        {
            var batch = new List<GroupId>();
            while (batch.Count < Options.GroupsPerBatch)
            {
                var group = await harness.TakeAsync();
                Assert.True(seen.Add(group.Id.Value));
                if (group.Id.Value % 5 == 0)
                {
                    await harness.Pool.SkipAsync(group.Id, "no variance", CancellationToken.None);
                }
                else
                {
                    batch.Add(group.Id);
                }
            }

            await harness.Pool.AcknowledgeAsync(batch, new PolicyVersion(version), CancellationToken.None);
            Assert.InRange(harness.Pool.Staleness.TrainedMax, 0, Options.MaxStaleness);
            Assert.InRange(harness.Pool.Status.InFlight, 0, Options.InFlight);
        }

        await stop.CancelAsync();
        await Task.WhenAll(samplers).DefaultTimeout();
        await harness.Pool.DisposeAsync();
        await using var store = SqliteEpisodeStore.Open(harness.Path, harness.Time);
        Assert.Equal(-1, ScheduleReplay.FirstDeviation(Options.ResolvedWindow, await store.ReadScheduleAsync(CancellationToken.None)));
    }

    [Fact]
    [Trait("Tier", "long")]
    public async Task Thousands_of_completions_a_second_are_kept()
    {
        const int Writers = 64;
        const int PerWriter = 400;
        await using var harness = await PoolHarness.StartAsync(Options);
        var ticket = await harness.DispatchAsync(episodes: Writers);
        var clock = Stopwatch.StartNew();

        await Task.WhenAll(ticket.Episodes.Select(async episode =>
        {
            for (var turn = 0; turn < PerWriter; turn++)
            {
                await harness.Pool.RecordAsync(SampleData.Completion(episode, turn, tokens: 128), CancellationToken.None);
            }
        })).DefaultTimeout();

        var rate = Writers * PerWriter / clock.Elapsed.TotalSeconds;
        TestContext.Current.TestOutputHelper?.WriteLine($"{rate:F0} completions of 128 tokens a second");
        // A busy machine or a slow disk must not fail the build: quiet ones keep many thousands.
        Assert.True(rate > 500, $"{rate:F0} completions a second");
    }

    private static async Task SampleAsync(DataPool pool, Random random, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var ticket = await pool.DispatchAsync(id => SampleData.Task(id.Value), episodes: 2, stop);
                foreach (var episode in ticket.Episodes)
                {
                    await pool.RecordAsync(SampleData.Completion(episode, turn: 0), CancellationToken.None);
                    for (var pause = random.Next(20); pause > 0; pause--)
                    {
                        await Task.Yield();
                    }

                    await pool.FinishAsync(SampleData.Result(episode, turns: 1), CancellationToken.None);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test has seen enough.
        }
    }
}
