using Forge.Cli.Composition;
using Forge.Core.Metrics;
using Forge.Core.Ports;
using Forge.DataPool.Replay;
using Forge.DataPool.Sqlite;
using Forge.Hosting.RunFiles;
using Forge.TestKit;
using Forge.Trainer;
using Forge.Trainer.Checkpoints;
using Forge.Trainer.Loop;
using Forge.Trainer.Steps;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Scenarios.Tests.Training;

/// <summary>
/// In fp32 merging may round differently, but no more than another order of the same sequences does. Replays the run that
/// <c>FORGE_REPLAY_RUN</c> names, or else a small one that it records.
/// </summary>
[Trait("Tier", "long")]
public sealed class SinglePrecisionTests(BasePolicy policy, ITestOutputHelper output) : IClassFixture<BasePolicy>, IDisposable
{
    private const int Steps = 20;

    // Rounding is chaotic over steps, so one pair of orders would be a lottery: the yardstick is the largest of a few pairs, and twice that
    // leaves room for the draw.
    private const int Orders = 3;
    private const double Luck = 2;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Merging_changes_losses_no_more_than_another_order_of_the_sequences_does()
    {
        var run = Environment.GetEnvironmentVariable("FORGE_REPLAY_RUN") ?? await RecordedRuns.RecordAsync(_folder, policy, Steps);

        var none = await ReplayAsync(run, MergeMode.None, order: null);
        var tree = await ReplayAsync(run, MergeMode.Tree, order: null);
        var permuted = new List<double[]>();
        for (var order = 0; order < Orders; order++)
        {
            permuted.Add(await ReplayAsync(run, MergeMode.None, order));
        }

        var all = permuted.Append(none).ToList();
        var bound = all.SelectMany((left, index) => all.Skip(index + 1).Select(right => Distance(left, right))).Max();
        output.WriteLine($"largest |Δ loss| over {Steps} steps: tree and none {Distance(tree, none):e2}, orders of none up to {bound:e2}");
        Assert.True(bound > 0, "Another order changed nothing: it is no yardstick.");
        Assert.True(Distance(tree, none) <= Luck * bound, $"tree and none differ by {Distance(tree, none):e2}, orders of none by {bound:e2}.");
    }

    public void Dispose() => _folder.Dispose();

    private static double Distance(double[] left, double[] right) => left.Zip(right, (a, b) => Math.Abs(a - b)).Max();

    private async Task<double[]> ReplayAsync(string folder, MergeMode merge, int? order)
    {
        var run = RunFile.Load(
            Path.Combine(folder, "run.yaml"), [$"trainer.steps={Steps}", $"trainer.merge={merge.ToString().ToLowerInvariant()}", "model.dtype=float32"],
            ForgeRunSchema.Create(), _ => null);
        var start = PolicyFolder.OpenFor(run);
        using var model = start.LoadModel("cpu", "float32");
        using var optimizer = new PolicyOptimizer(model, run.Section<TrainerOptions>());
        await using var pool = RecordedPool.Open(Path.Combine(folder, "pool.db"));
        var recorded = await RecordedRun.OpenAsync(
            pool, new ReplayLimits(start.Config.VocabSize, start.Config.MaxPositionEmbeddings), new ReplayChoice(), CancellationToken.None);
        var metrics = new RecordingMetrics();
        IBatchSource source = order is { } seed ? new PermutedRun(recorded, seed) : recorded;
        var loop = new TrainLoop(
            new TrainLoopParts
            {
                Model = model,
                Optimizer = optimizer,
                Source = source,
                GroupsPerBatch = 1,
                RecordedGroups = [.. recorded.Steps.Select(step => step.Length)],
                Policy = null,
                Evaluator = null,
                Checkpoints = new CheckpointStore(_folder.File($"{merge}-{order}"), keepLast: 1, keepBest: false),
                Metrics = metrics,
            },
            run.Section<TrainerOptions>(), run.Section<AlgorithmOptions>(), TimeProvider.System, NullLogger<TrainLoop>.Instance);
        await loop.RunAsync(resume: false, TestContext.Current.CancellationToken);
        return [.. metrics.Written.Select(entry => entry.Values[MetricNames.PolicyLoss])];
    }
}
