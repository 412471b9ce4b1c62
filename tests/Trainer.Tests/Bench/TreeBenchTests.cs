using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;
using Forge.Trainer.Bench;
using static TorchSharp.torch;

namespace Forge.Trainer.Tests.Bench;

public sealed class TreeBenchTests
{
    private static readonly TreeShape Agents = new("agents") { Groups = 2, Episodes = 6, Prompt = 12, Turns = 3, Response = 4, Observation = 2 };

    private static readonly M2Config Policy = new()
    {
        VocabSize = 500,
        HiddenSize = 16,
        NumHiddenLayers = 2,
        NumAttentionHeads = 2,
        NumKeyValueHeads = 1,
        HeadDim = 8,
        RotaryDim = 4,
        NumLocalExperts = 4,
        NumExpertsPerToken = 2,
        IntermediateSize = 16,
    };

    [Fact]
    public void Run_times_whole_steps_and_compares_them_with_both_baselines()
    {
        var row = Measure(long.MaxValue);

        Assert.Equal(("agents", "2 groups of 6 × (prompt 12, 3 turns of 4 + 2)"), (row.Tree, row.Shape));
        Assert.Equal(12 * (15 + 21 + 27), row.TokensCompletion);
        Assert.Equal(12 * 27, row.TokensEpisode);
        Assert.InRange(row.TokensUnique, 24 + (12 * 14), 24 + (12 * 15));
        Assert.Equal(14, row.Nodes, 2.0);
        Assert.Equal((1, 1), (row.TimedFractionCompletion, row.TimedFractionEpisode));
        Assert.InRange(row.IdealVsCompletion, 1.5, row.TokenRatioVsCompletion);
        Assert.InRange(row.IdealVsEpisode, 1.2, row.TokenRatioVsEpisode);
        Assert.True(row.StepSeconds > 0);
        Assert.True(row.SpeedupVsCompletion > 0);
        Assert.True(row.SpeedupVsEpisode > 0);
        Assert.True(double.IsFinite(row.AttentionTflops));
    }

    [Fact]
    public void Run_measures_the_memory_of_each_way()
    {
        var row = Measure(long.MaxValue);

        Assert.InRange(row.PeakMemoryMb, 10, 1e5);
        Assert.InRange(row.PeakMemoryEpisodeMb, 10, 1e5);
        Assert.InRange(row.PeakMemoryCompletionMb, 10, 1e5);
    }

    [Fact]
    public void Run_times_a_tenth_of_the_sequences_of_a_long_step_and_says_so()
    {
        var (whole, sampled) = (Measure(long.MaxValue), Measure(mostTokens: 100));

        Assert.Equal(4.0 / 36, sampled.TimedFractionCompletion, 12);
        Assert.Equal(2.0 / 12, sampled.TimedFractionEpisode, 12);
        Assert.Equal((whole.TokensCompletion, whole.TokensEpisode), (sampled.TokensCompletion, sampled.TokensEpisode));
        Assert.Equal((whole.IdealVsCompletion, whole.IdealVsEpisode), (sampled.IdealVsCompletion, sampled.IdealVsEpisode));
    }

    [Theory]
    [InlineData(3, 1, 1, 3)]
    [InlineData(3, 1, 10, 21)]
    [InlineData(1, 2, 10, 1)]
    public void What_was_left_out_is_counted_at_the_rate_of_the_rest_and_the_optimizer_once(double seconds, double fixedSeconds, double scale, double expected)
        => Assert.Equal(expected, MergeRun.Extrapolate(seconds, fixedSeconds, scale), 12);

    [Fact]
    public void Run_stops_when_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() => Bench(100).Run([Agents.Draw(500, 1)], TimeProvider.System, cancelled.Token).ToList());
    }

    private static TreeBenchRow Measure(long mostTokens)
    {
        var threads = get_num_threads();
        var rows = Bench(mostTokens).Run([Agents.Draw(500, 1)], TimeProvider.System, TestContext.Current.CancellationToken).ToList();
        set_num_threads(threads);
        return Assert.Single(rows);
    }

    private static TreeBench Bench(long mostTokens) => new()
    {
        Policy = Policy,
        Placement = ModelPlacement.CpuFloat32,
        MicroBatchTokens = 64,
        Threads = 1,
        Runs = 1,
        MostTokens = mostTokens,
    };
}
