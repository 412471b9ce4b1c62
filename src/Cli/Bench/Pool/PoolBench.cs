using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Cli.Bench.Pool;

/// <summary>
/// Measures what one pool takes in and hands out, through its ports. Records are 2 KiB: 424 prompt and 200 response tokens of two bytes,
/// and 200 log-probs.
/// </summary>
internal sealed class PoolBench(TimeProvider time)
{
    public const int PromptTokens = 424;
    public const int ResponseTokens = 200;
    public const int GroupsPerBatch = 16;
    private const int EpisodesPerGroup = 4;
    private const int Groups = 256;

    private GroupId _next;

    /// <summary>How long completions are written for each row, after a third of that to warm up.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(3);

    /// <param name="pool">A fresh one, of <see cref="PoolBenchRun"/>.</param>
    /// <param name="store">For the row.</param>
    /// <param name="writers">Calls in flight at once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<PoolBenchRow> RunAsync(BenchedPool pool, string store, int writers, CancellationToken cancellationToken)
    {
        // A service's process is fresh: its first calls are compiled while they run.
        await WriteAsync(pool, writers, Duration / 3, cancellationToken);
        var (count, latencies) = await WriteAsync(pool, writers, Duration, cancellationToken);
        var groups = await TakeAsync(pool, writers, cancellationToken);
        latencies.Sort();
        return new PoolBenchRow(
            store, pool.Place, writers, count, latencies[latencies.Count / 2], latencies[(int)(0.99 * (latencies.Count - 1))], groups);
    }

    private async Task<(double PerSecond, List<double> Milliseconds)> WriteAsync(
        BenchedPool pool, int writers, TimeSpan duration, CancellationToken cancellationToken)
    {
        var ticket = await DispatchAsync(pool, writers, cancellationToken);
        var started = time.GetTimestamp();
        var times = await Task.WhenAll(ticket.Episodes.Select(episode => Task.Run(
            async () =>
            {
                var milliseconds = new List<double>();
                for (var turn = 0; time.GetElapsedTime(started) < duration; turn++)
                {
                    var completion = Completion(episode, turn);
                    var sent = time.GetTimestamp();
                    Require(await pool.Sink.RecordAsync(completion, cancellationToken), completion.Id);
                    milliseconds.Add(time.GetElapsedTime(sent).TotalMilliseconds);
                }

                return milliseconds;
            },
            cancellationToken)));
        var elapsed = time.GetElapsedTime(started);
        List<double> all = [.. times.SelectMany(milliseconds => milliseconds)];
        return (all.Count / elapsed.TotalSeconds, all);
    }

    // The groups of the written completions stay unfinished, the heads of a window that spans everything.
    private async Task<double> TakeAsync(BenchedPool pool, int writers, CancellationToken cancellationToken)
    {
        var tickets = new List<GroupTicket>();
        while (tickets.Count < Groups)
        {
            tickets.Add(await DispatchAsync(pool, EpisodesPerGroup, cancellationToken));
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = writers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(tickets, parallel, async (ticket, token) => await FinishAsync(pool, ticket, token));
        var started = time.GetTimestamp();
        var version = PolicyVersion.Initial;
        for (var taken = 0; taken < Groups; taken += GroupsPerBatch)
        {
            var batch = new List<GroupId>();
            while (batch.Count < GroupsPerBatch)
            {
                batch.Add((await pool.Source.TakeAsync(cancellationToken)).Id);
            }

            version = version.Next;
            await pool.Source.AcknowledgeAsync(batch, version, cancellationToken);
        }

        return Groups / time.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task FinishAsync(BenchedPool pool, GroupTicket ticket, CancellationToken cancellationToken)
    {
        foreach (var episode in ticket.Episodes)
        {
            var completion = Completion(episode, turn: 0);
            Require(await pool.Sink.RecordAsync(completion, cancellationToken), completion.Id);
            await pool.Sink.FinishAsync(
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

    // A worker gets one ticket only: the pool would give it again to one that does not say that it has it.
    private async Task<GroupTicket> DispatchAsync(BenchedPool pool, int episodes, CancellationToken cancellationToken)
    {
        var worker = new WorkerId($"bench-{_next}");
        while (true)
        {
            var reply = await pool.Dispatcher.DispatchAsync(new DispatchRequest(worker, [], episodes, _next, TaskOf(_next)), cancellationToken);
            _next = reply.Next;
            if (reply.Ticket is { } ticket)
            {
                return ticket;
            }
        }
    }

    private static TaskReference TaskOf(GroupId group)
        => new(new TaskId($"bench/{group}"), "bench", TaskSplit.Train, Difficulty: 1, Seed: (ulong)group.Value);

    private static void Require(Receipt receipt, CompletionId completion)
    {
        if (receipt != Receipt.Kept)
        {
            throw new ForgeException($"The pool answered {receipt} for completion '{completion}', which was sent once: what was measured is not what was asked.");
        }
    }

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
