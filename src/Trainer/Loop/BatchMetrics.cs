using Forge.Core.Metrics;
using Forge.Core.Ring;
using Forge.Trainer.Batches;
using Forge.Trainer.Steps;

namespace Forge.Trainer.Loop;

/// <summary>What a batch says about the policy before anything is computed: rewards, lengths, agents, staleness.</summary>
internal static class BatchMetrics
{
    /// <param name="metrics">Where the figures go.</param>
    /// <param name="batch">The batch, with the groups that were skipped on the way.</param>
    /// <param name="scorer">Knows the returns.</param>
    /// <param name="current">The version that trains on it.</param>
    public static void Write(IDictionary<string, double> metrics, TrainingBatch batch, GroupScorer scorer, PolicyVersion current)
    {
        var taken = batch.Groups.Concat(batch.Skipped.Select(skipped => skipped.Group)).ToArray();
        var episodes = taken.SelectMany(group => group.Episodes).Where(GroupScorer.IsTrainable).ToArray();
        Statistics(episodes, scorer.TotalReturn).WriteTo(metrics, "reward");
        metrics[MetricNames.Success] = Mean(episodes, episode => episode.Result.Success ? 1 : 0);
        metrics[MetricNames.Turns] = Mean(episodes, episode => episode.Completions.Length);
        metrics[MetricNames.ToolCalls] = Mean(episodes, episode => episode.Result.ToolCalls);
        metrics[MetricNames.ToolFailures] = episodes.Sum(episode => episode.Result.ToolErrors)
            / Math.Max(1.0, episodes.Sum(episode => episode.Result.ToolCalls));
        metrics[MetricNames.ZeroStdFraction] = batch.Skipped.Count(skipped => skipped.Reason == SkipReason.NoVariance)
            / Math.Max(1.0, taken.Length);
        metrics[MetricNames.Skipped] = batch.Skipped.Length;
        foreach (var level in taken.GroupBy(group => group.Task.Difficulty))
        {
            metrics[$"reward/success_level_{level.Key}"] = Mean(
                [.. level.SelectMany(group => group.Episodes).Where(GroupScorer.IsTrainable)], episode => episode.Result.Success ? 1 : 0);
        }

        WriteCompletions(metrics, batch, current);
    }

    private static void WriteCompletions(IDictionary<string, double> metrics, TrainingBatch batch, PolicyVersion current)
    {
        var completions = batch.Completions;
        Statistics(completions, scored => scored.Advantage).WriteTo(metrics, "adv");
        metrics[MetricNames.PromptLength] = Mean(completions, scored => scored.Completion.PromptIds.Length);
        metrics[MetricNames.ResponseLength] = Mean(completions, scored => scored.Completion.ResponseIds.Length);
        metrics[MetricNames.LengthClipped] = Mean(completions, scored => scored.Completion.FinishReason == FinishReason.Length ? 1 : 0);
        Statistics(completions.SelectMany(scored => scored.Completion.TokenVersions), version => current.Value - version)
            .WriteTo(metrics, "staleness");
    }

    private static RunningStatistics Statistics<T>(IEnumerable<T> items, Func<T, double> value)
    {
        var statistics = new RunningStatistics();
        foreach (var item in items)
        {
            statistics.Add(value(item));
        }

        return statistics;
    }

    private static double Mean<T>(IReadOnlyCollection<T> items, Func<T, double> value) => items.Count == 0 ? 0 : items.Average(value);
}
