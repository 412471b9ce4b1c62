using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool;
using Forge.DataPool.Stores;

namespace Forge.Cli.Bench;

/// <summary>
/// Measures what a pool takes in and hands out, through its ports. Records are 2 KiB: 424 prompt and 200 response tokens of two bytes,
/// and 200 log-probs.
/// </summary>
internal sealed class PoolBench(TimeProvider time)
{
    public const int PromptTokens = 424;
    public const int ResponseTokens = 200;

    private const int GroupsPerBatch = 16;
    private const int EpisodesPerGroup = 4;
    private const int Groups = 256;

    /// <summary>How long completions are written for each row.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(3);

    public async Task<PoolBenchRow> RunAsync(string folder, DataPoolOptions options, int writers, CancellationToken cancellationToken)
    {
        await using var pool = await DataPoolHost.OpenAsync(Path.Combine(folder, "pool.db"), options, time, cancellationToken);
        var (count, latencies) = await WriteAsync(pool, writers, cancellationToken);
        var groups = await TakeAsync(pool, writers, cancellationToken);
        latencies.Sort();
        return new PoolBenchRow(
            options.Store == PoolStore.Postgres ? "postgres" : "sqlite",
            writers,
            count,
            latencies[latencies.Count / 2],
            latencies[(int)(0.99 * (latencies.Count - 1))],
            groups);
    }

    /// <summary>A pool in which nothing but the store limits what is in flight.</summary>
    public static DataPoolOptions Unbounded(DataPoolOptions store) => new()
    {
        InFlight = 1_000_000,
        WindowRatio = 1,
        MaxStaleness = 1_000_000,
        GroupsPerBatch = GroupsPerBatch,
        Store = store.Store,
        Postgres = store.Postgres,
        FlushEveryWrite = true,
    };

    private async Task<(double PerSecond, List<double> Milliseconds)> WriteAsync(DataPool.DataPool pool, int writers, CancellationToken cancellationToken)
    {
        var ticket = await DispatchAsync(pool, writers, cancellationToken);
        var started = time.GetTimestamp();
        var times = await Task.WhenAll(ticket.Episodes.Select(episode => Task.Run(
            async () =>
            {
                var milliseconds = new List<double>();
                for (var turn = 0; time.GetElapsedTime(started) < Duration; turn++)
                {
                    var completion = Completion(episode, turn);
                    var sent = time.GetTimestamp();
                    await pool.RecordAsync(completion, cancellationToken);
                    milliseconds.Add(time.GetElapsedTime(sent).TotalMilliseconds);
                }

                return milliseconds;
            },
            cancellationToken)));
        var elapsed = time.GetElapsedTime(started);
        List<double> all = [.. times.SelectMany(milliseconds => milliseconds)];
        return (all.Count / elapsed.TotalSeconds, all);
    }

    // The group of the written completions stays unfinished, the head of a window that spans everything.
    private async Task<double> TakeAsync(DataPool.DataPool pool, int writers, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = writers, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, Groups, parallel, async (_, _) => await FinishAsync(pool, cancellationToken));
        var started = time.GetTimestamp();
        var version = PolicyVersion.Initial;
        for (var taken = 0; taken < Groups; taken += GroupsPerBatch)
        {
            var batch = new List<GroupId>();
            while (batch.Count < GroupsPerBatch)
            {
                batch.Add((await pool.TakeAsync(cancellationToken)).Id);
            }

            version = version.Next;
            await pool.AcknowledgeAsync(batch, version, cancellationToken);
        }

        return Groups / time.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task FinishAsync(DataPool.DataPool pool, CancellationToken cancellationToken)
    {
        var ticket = await DispatchAsync(pool, EpisodesPerGroup, cancellationToken);
        foreach (var episode in ticket.Episodes)
        {
            await pool.RecordAsync(Completion(episode, turn: 0), cancellationToken);
            await pool.FinishAsync(
                new EpisodeResult
                {
                    Episode = episode,
                    Status = EpisodeStatus.Completed,
                    EndCause = "final_answer",
                    Success = true,
                    Rewards = [new StepReward(0, 0, 1)],
                    ToolCalls = 0,
                    ToolErrors = 0,
                    Elapsed = TimeSpan.Zero,
                },
                cancellationToken);
        }
    }

    private static Task<GroupTicket> DispatchAsync(DataPool.DataPool pool, int episodes, CancellationToken cancellationToken)
        => pool.DispatchAsync(
            group => new TaskReference(new TaskId($"bench/{group}"), "bench", TaskSplit.Train, Difficulty: 1, Seed: (ulong)group.Value),
            episodes,
            cancellationToken);

    private static Completion Completion(EpisodeId episode, int turn)
    {
        var random = new Random(turn);
        ImmutableArray<float> logProbs = [.. Enumerable.Range(0, ResponseTokens).Select(_ => -random.NextSingle())];
        return new Completion
        {
            Id = new CompletionId($"{episode}/{turn}"),
            Episode = episode,
            Turn = turn,
            PromptIds = [.. Enumerable.Range(0, PromptTokens).Select(_ => random.Next(ushort.MaxValue))],
            ResponseIds = [.. Enumerable.Range(0, ResponseTokens).Select(_ => random.Next(ushort.MaxValue))],
            PolicyLogProbs = logProbs,
            BehaviorLogProbs = logProbs,
            TokenVersions = [.. Enumerable.Repeat(1L, ResponseTokens)],
            OldestKvVersion = new PolicyVersion(1),
            Sampling = new SamplingParameters { Seed = (ulong)turn },
            FinishReason = FinishReason.Stop,
            Timings = new CompletionTimings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, CachedPromptTokens: 0),
        };
    }
}
