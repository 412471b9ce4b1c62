using System.Collections.Immutable;
using Forge.Cli.Display;
using Forge.Core.Metrics;
using Forge.Core.Ring;

namespace Forge.Cli.Tests.Display;

/// <summary>A small run to show.</summary>
internal static class Samples
{
    public static TrainingFacts Facts { get; } = new("quickstart", "/runs/quickstart", "records", "1 M parameters", "cpu", 7, 0, 100, null);

    public static EvaluationReport Report(long version, int solved) => new(
        new PolicyVersion(version),
        LevelSuccess.Of(solved, 40),
        ImmutableSortedDictionary<int, LevelSuccess>.Empty.Add(1, LevelSuccess.Of(solved / 2, 20)).Add(2, LevelSuccess.Of(solved - (solved / 2), 20)),
        3.25,
        []);

    public static Dictionary<string, double> Step(double reward) => new()
    {
        [MetricNames.RewardMean] = reward,
        [MetricNames.Success] = reward / 2,
        [MetricNames.GradientNorm] = double.NaN,
    };

    public static TrainingSummary Summary(bool finished = true) => new()
    {
        Facts = Facts,
        Finished = finished,
        Steps = 100,
        Episodes = 6400,
        TrainedTokens = 1_234_567,
        Elapsed = TimeSpan.FromSeconds(540.24),
        Before = Report(0, 16),
        After = Report(100, 36),
        Checkpoint = "/runs/quickstart/checkpoints/step-000100",
        ResumeCommand = "./forge train --resume --run-dir runs/quickstart",
    };
}
