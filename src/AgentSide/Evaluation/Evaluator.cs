using System.Collections.Immutable;
using System.Globalization;
using Forge.AgentSide.Agents;
using Forge.AgentSide.Environments;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.AgentSide.Evaluation;

/// <summary>
/// Plays the same held-out tasks every time, with the same random tool failures: what changes between two evaluations is the policy.
/// </summary>
/// <param name="runner">Plays through a gateway that records into <paramref name="collector"/>, and posts there.</param>
/// <param name="collector">Where the runner's episodes arrive.</param>
/// <param name="options">Which tasks.</param>
public sealed class Evaluator(EpisodeRunner runner, EpisodeCollector collector, EvaluationOptions options) : IPolicyEvaluator
{
    private long _evaluations;

    /// <summary>Greedy, one attempt at each task.</summary>
    public async Task<EvaluationReport> EvaluateAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        var tasks = Tasks();
        var episodes = await PlayAsync(tasks, attempts: 1, new SamplingParameters { Temperature = 0 }, cancellationToken);
        var byDifficulty = episodes.Index().GroupBy(entry => tasks[entry.Index].Reference.Difficulty)
            .ToImmutableSortedDictionary(level => level.Key, level => Rate(level.Select(entry => entry.Item)));
        return new EvaluationReport(
            version, Rate(episodes), byDifficulty, episodes.Average(episode => episode.Completions.Length), [.. episodes]);
    }

    /// <summary>Several attempts at each task by sampling: what reinforcement learning has to work with.</summary>
    public async Task<PassAtKReport> MeasurePassAtKAsync(SamplingParameters sampling, CancellationToken cancellationToken)
    {
        var tasks = Tasks();
        var episodes = await PlayAsync(tasks, options.Samples, sampling, cancellationToken);
        var solved = episodes.Chunk(options.Samples).Select(attempts => attempts.Count(episode => episode.Result.Success)).ToArray();
        return new PassAtKReport(
            options.Samples,
            solved.Index().GroupBy(entry => tasks[entry.Index].Reference.Difficulty)
                .ToImmutableSortedDictionary(level => level.Key, level => Means([.. level.Select(entry => entry.Item)])));
    }

    /// <summary>The held-out tasks, level by level.</summary>
    public ImmutableArray<EnvironmentTask> Tasks()
        => [.. runner.Environment.Levels.SelectMany(level => Enumerable.Range(0, options.TasksPerLevel)
            .Select(index => runner.Environment.Sample(TaskSplit.HeldOut, level, SeededRandom.Combine(options.Seed, (ulong)index) >> 1)))];

    private async Task<Episode[]> PlayAsync(
        ImmutableArray<EnvironmentTask> tasks, int attempts, SamplingParameters sampling, CancellationToken cancellationToken)
    {
        var evaluation = Interlocked.Increment(ref _evaluations);
        var episodes = new Episode[tasks.Length * attempts];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, episodes.Length, parallel, async (index, cancel) =>
        {
            var (task, attempt) = Math.DivRem(index, attempts);
            var id = new EpisodeId(string.Create(CultureInfo.InvariantCulture, $"eval-{evaluation}-{task}-{attempt}"));
            var seed = SeededRandom.Combine(options.Seed, sampling.Seed, tasks[task].Reference.Seed, (ulong)attempt);
            var plan = new EpisodePlan(id, tasks[task], sampling with { Seed = seed }, SeededRandom.Combine(seed, 1));
            await runner.RunAsync(plan, cancel);
            episodes[index] = collector.Take(id, new GroupId(task), attempt);
        });
        return episodes;
    }

    private static LevelSuccess Rate(IEnumerable<Episode> episodes)
    {
        var results = episodes.Select(episode => episode.Result.Success).ToArray();
        return LevelSuccess.Of(results.Count(success => success), results.Length);
    }

    private ImmutableSortedDictionary<int, double> Means(int[] solved)
    {
        var sizes = new List<int>();
        for (var k = 1; k <= options.Samples; k *= 2)
        {
            sizes.Add(k);
        }

        return sizes.ToImmutableSortedDictionary(k => k, k => solved.Average(count => PassAtK.Estimate(options.Samples, count, k)));
    }
}
