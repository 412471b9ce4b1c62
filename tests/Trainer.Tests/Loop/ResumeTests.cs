using Forge.TestKit;
using Forge.Trainer.Loop;

namespace Forge.Trainer.Tests.Loop;

public sealed class ResumeTests : IDisposable
{
    private static readonly TrainerOptions Options = new()
    {
        Steps = 6,
        EvaluateEvery = 0,
        LearningRate = 1e-2,
        WarmupSteps = 2,
        MicroBatchTokens = 16,
        RouterBiasRate = 1e-3,
    };

    private readonly TemporaryFolder _whole = new();
    private readonly TemporaryFolder _parts = new();

    [Fact]
    public async Task Three_steps_and_three_after_a_resume_are_six_bit_for_bit()
    {
        var (expected, figures) = await WholeAsync();
        await StopAfterAsync(3);
        using var resumed = new LoopHarness(_parts.Path, LoopHarness.Groups(12).Skip(6), Options);

        var outcome = await resumed.RunAsync(resume: true);

        Assert.Equal((TrainEnd.Finished, 6L, 36L), (outcome.Ended, outcome.Steps, outcome.Episodes));
        Assert.Equal(expected, resumed.Weights);
        Assert.Equal(figures, Figures(resumed));
        Assert.Equal(["acknowledge 3", "recover 3", "publish 3"], resumed.Journal.Take(3));
        Assert.Equal([4L, 5L], resumed.Source.Trained[3]);
        Assert.Empty(resumed.Log.Warnings);
    }

    [Fact]
    public async Task A_damaged_newest_checkpoint_is_passed_over_with_a_word_and_its_step_is_made_again()
    {
        var (expected, _) = await WholeAsync();
        await StopAfterAsync(3);
        var damaged = Path.Combine(_parts.File("step-000003"), "optimizer.safetensors");
        var bytes = await File.ReadAllBytesAsync(damaged, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(damaged, bytes, TestContext.Current.CancellationToken);
        using var resumed = new LoopHarness(_parts.Path, LoopHarness.Groups(12).Skip(4), Options);

        var outcome = await resumed.RunAsync(resume: true);

        Assert.Equal(6, outcome.Steps);
        Assert.Equal(expected, resumed.Weights);
        Assert.Equal(["acknowledge 2", "recover 2", "publish 2"], resumed.Journal.Take(3));
        var warning = Assert.Single(resumed.Log.Warnings);
        Assert.Contains("step-000003", warning, StringComparison.Ordinal);
        Assert.Contains("optimizer.safetensors", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_without_a_checkpoint_starts_from_the_model_as_it_is()
    {
        var (expected, _) = await WholeAsync();
        using var resumed = new LoopHarness(_parts.Path, LoopHarness.Groups(12), Options);

        var outcome = await resumed.RunAsync(resume: true);

        Assert.NotNull(outcome.Before);
        Assert.Equal(expected, resumed.Weights);
        Assert.Equal(["recover 0", "publish 0"], resumed.Journal.Take(2));
    }

    [Fact]
    public async Task Resume_of_a_finished_run_only_evaluates()
    {
        await StopAfterAsync(6);
        var evaluator = new ScriptedEvaluator(_ => 50);
        using var resumed = new LoopHarness(_parts.Path, [], Options, evaluator);

        var outcome = await resumed.RunAsync(resume: true);

        Assert.Equal((TrainEnd.Finished, 6L, _parts.File("step-000006")), (outcome.Ended, outcome.Steps, outcome.Checkpoint));
        Assert.Equal([6L], evaluator.Evaluated);
        Assert.Null(outcome.Before);
    }

    public void Dispose()
    {
        _whole.Dispose();
        _parts.Dispose();
    }

    private async Task<(byte[] Weights, string[] LastFigures)> WholeAsync()
    {
        using var harness = new LoopHarness(_whole.Path, LoopHarness.Groups(12), Options);
        await harness.RunAsync();
        return (harness.Weights, Figures(harness));
    }

    private async Task StopAfterAsync(long step)
    {
        using var harness = new LoopHarness(_parts.Path, LoopHarness.Groups(12), Options);
        harness.Stepped = progress =>
        {
            if (progress.Step == step)
            {
                harness.Stopping.Cancel();
            }
        };
        await harness.RunAsync();
    }

    // Seconds and tokens per second differ from run to run; everything else must not.
    private static string[] Figures(LoopHarness harness)
        => [.. harness.Metrics.Written[^1].Values
            .Where(pair => !pair.Key.StartsWith("time/", StringComparison.Ordinal) && !pair.Key.StartsWith("perf/", StringComparison.Ordinal))
            .Select(pair => FormattableString.Invariant($"{pair.Key} {pair.Value:R}")).Order(StringComparer.Ordinal)];
}
