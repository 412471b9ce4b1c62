using System.Collections.Immutable;
using Forge.Core.Metrics;
using Forge.Core.Ring;
using Forge.Trainer.Batches;
using Forge.Trainer.Loop;

namespace Forge.Trainer.Tests.Loop;

public sealed class BatchMetricsTests
{
    private readonly GroupScorer _scorer = new(new AlgorithmOptions { ProcessWeight = 1, SpeedWeight = 0 });

    [Fact]
    public void Write_counts_skipped_groups_too_and_failed_episodes_never()
    {
        var metrics = Write([TrainingData.Mixed(0)], [TrainingData.Flat(1), TrainingData.Broken(2)], version: 0);

        // Returns: mixed 0, 1, -1; flat 1, 1; broken 1 and one that does not count.
        Assert.Equal(0.5, metrics["reward/mean"], 1e-12);
        Assert.Equal((-1.0, 1.0), (metrics["reward/min"], metrics["reward/max"]));
        Assert.Equal(4 / 6.0, metrics[MetricNames.Success], 1e-12);
        Assert.Equal(4 / 6.0, metrics["reward/success_level_1"], 1e-12);
        Assert.Equal(1 / 3.0, metrics[MetricNames.ZeroStdFraction], 1e-12);
        Assert.Equal(2, metrics[MetricNames.Skipped]);
        Assert.Equal(0, metrics[MetricNames.ToolFailures]);
        Assert.Equal((1 + 2 + 3 + 1 + 1 + 1) / 6.0, metrics[MetricNames.Turns], 1e-12);
    }

    [Fact]
    public void Write_measures_staleness_in_versions_token_by_token()
    {
        var metrics = Write([TrainingData.Mixed(0)], [], version: 3);

        Assert.Equal((3.0, 3.0), (metrics[MetricNames.StalenessMean], metrics[MetricNames.StalenessMax]));
    }

    private Dictionary<string, double> Write(ImmutableArray<Group> trained, Group[] skipped, long version)
    {
        var completions = trained.SelectMany((group, index) =>
        {
            _scorer.Score(group, index, out var scored);
            return scored;
        });
        var metrics = new Dictionary<string, double>();
        var batch = new TrainingBatch(
            trained, [.. completions], [.. skipped.Select(group => new SkippedGroup(group, _scorer.Score(group, 0, out _)!))]);
        BatchMetrics.Write(metrics, batch, _scorer, new PolicyVersion(version));
        return metrics;
    }
}
