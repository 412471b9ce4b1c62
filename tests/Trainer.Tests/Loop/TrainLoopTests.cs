using Forge.Core.Metrics;
using Forge.TestKit;
using Forge.Trainer.Loop;

namespace Forge.Trainer.Tests.Loop;

public sealed class TrainLoopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Run_checkpoints_before_it_acknowledges_and_acknowledges_before_it_publishes()
    {
        using var harness = Harness(groups: 4, Options(steps: 2));
        var saved = new List<bool>();
        harness.Source.Heard = word =>
        {
            harness.Journal.Add(word);
            saved.Add(Directory.Exists(_folder.File($"step-{word.Split(' ')[1].PadLeft(6, '0')}")));
        };

        var outcome = await harness.RunAsync();

        Assert.Equal(["recover 0", "publish 0", "acknowledge 1", "publish 1", "acknowledge 2", "publish 2"], harness.Journal);
        Assert.Equal([false, true, true], saved);
        Assert.Equal([0L, 1L], harness.Source.Trained[1]);
        Assert.Equal([2L, 3L], harness.Source.Trained[2]);
        Assert.Equal((TrainEnd.Finished, 2L, 12L), (outcome.Ended, outcome.Steps, outcome.Episodes));
        Assert.Equal(_folder.File("step-000002"), outcome.Checkpoint);
    }

    [Fact]
    public async Task Run_publishes_the_weights_that_it_trained()
    {
        using var harness = Harness(groups: 4, Options(steps: 2));

        await harness.RunAsync();

        var versions = harness.Policy.Published.Select(weights => weights.Tensors.SelectMany(tensor => tensor.Data.ToArray()).ToArray()).ToArray();
        Assert.Equal([0L, 1L, 2L], harness.Policy.Published.Select(weights => weights.Version.Value));
        Assert.NotEqual(versions[0], versions[1]);
        Assert.NotEqual(versions[1], versions[2]);
        Assert.Equal(harness.Weights, versions[2]);
    }

    [Fact]
    public async Task Run_evaluates_before_now_and_then_and_at_the_end_and_keeps_the_best()
    {
        var evaluator = new ScriptedEvaluator(version => version.Value == 2 ? 90 : 40);
        using var harness = new LoopHarness(_folder.Path, LoopHarness.Groups(10), Options(steps: 5, evaluateEvery: 2), evaluator);

        var outcome = await harness.RunAsync();

        Assert.Equal([0L, 2L, 4L, 5L], evaluator.Evaluated);
        Assert.Equal((0.4, 0.4), (outcome.Before!.Overall.Success, outcome.After!.Overall.Success));
        Assert.Equal(2, harness.Store.Best()!.Step);
        Assert.True(Directory.Exists(_folder.File("step-000002")));
        Assert.False(Directory.Exists(_folder.File("step-000003")));
        Assert.Equal([0L, 1L, 2L, 3L, 4L, 5L], harness.Metrics.Steps);
        Assert.Equal([0.4, 0.9, 0.4, 0.4], harness.Metrics.Written.Where(line => line.Values.ContainsKey("eval/success")).Select(line => line.Values["eval/success"]));
    }

    [Fact]
    public async Task A_stop_request_ends_the_run_between_two_steps()
    {
        using var harness = Harness(groups: 20, Options(steps: 10));
        harness.Stepped = progress => Stop(harness, progress.Step == 3);

        var outcome = await harness.RunAsync();

        Assert.Equal((TrainEnd.Stopped, 3L), (outcome.Ended, outcome.Steps));
        Assert.Equal(_folder.File("step-000003"), outcome.Checkpoint);
        Assert.Equal(3, harness.Source.Trained.Count);
        Assert.Null(outcome.After);
    }

    [Fact]
    public async Task A_stop_request_while_it_waits_for_groups_keeps_what_was_trained()
    {
        using var harness = Harness(groups: 5, Options(steps: 10));
        harness.Source.RanDry = harness.Stopping.Cancel;

        var outcome = await harness.RunAsync();

        Assert.Equal((TrainEnd.Stopped, 2L), (outcome.Ended, outcome.Steps));
        Assert.Equal([0L, 1L, 2L], harness.Metrics.Steps);
        Assert.DoesNotContain(4L, harness.Source.Trained.Values.SelectMany(groups => groups));
    }

    [Fact]
    public async Task A_stop_request_during_an_evaluation_keeps_the_figures_of_the_step_before_it()
    {
        LoopHarness? stopped = null;
        var evaluator = new ScriptedEvaluator(version =>
        {
            Stop(stopped!, version.Value == 2);
            return 50;
        });
        using var harness = stopped = new LoopHarness(_folder.Path, LoopHarness.Groups(10), Options(steps: 5, evaluateEvery: 2), evaluator);

        var outcome = await harness.RunAsync();

        Assert.Equal((TrainEnd.Stopped, 2L, _folder.File("step-000002")), (outcome.Ended, outcome.Steps, outcome.Checkpoint));
        Assert.Equal([0L, 1L, 2L], harness.Metrics.Steps);
    }

    [Fact]
    public async Task The_time_limit_ends_the_run_after_the_step_in_which_it_passes()
    {
        var evaluator = new ScriptedEvaluator(_ => 50);
        using var harness = new LoopHarness(
            _folder.Path, LoopHarness.Groups(20), Options(steps: 10, limit: TimeSpan.FromMinutes(5)), evaluator);
        harness.Stepped = progress => harness.Clock.Advance(progress.Step == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(2));

        var outcome = await harness.RunAsync();

        Assert.Equal((TrainEnd.TimeLimit, 3L, TimeSpan.FromMinutes(6)), (outcome.Ended, outcome.Steps, outcome.Elapsed));
        Assert.Equal(3, outcome.After!.Version.Value);
        Assert.Equal([0L, 3L], evaluator.Evaluated);
    }

    [Fact]
    public async Task A_gradient_that_is_not_finite_is_logged_and_moves_nothing()
    {
        var broken = TrainingData.Mixed(0);
        var completion = broken.Episodes[0].Completions[0];
        completion = completion with { BehaviorLogProbs = completion.BehaviorLogProbs.SetItem(0, float.NaN) };
        broken = broken with { Episodes = broken.Episodes.SetItem(0, broken.Episodes[0] with { Completions = [completion] }) };
        using var harness = new LoopHarness(_folder.Path, [broken, TrainingData.Mixed(1)], Options(steps: 1));
        var before = harness.Weights;

        await harness.RunAsync();

        Assert.Equal(before, harness.Weights);
        Assert.Equal("Step 1 has a gradient norm of NaN; the weights were left as they are.", Assert.Single(harness.Log.Warnings));
        Assert.True(double.IsNaN(harness.Metrics.Written[^1].Values[MetricNames.GradientNorm]));
        Assert.Equal([0L, 1L], harness.Source.Trained[1]);
    }

    public void Dispose() => _folder.Dispose();

    private static TrainerOptions Options(long steps, int evaluateEvery = 0, TimeSpan? limit = null)
        => new() { Steps = steps, EvaluateEvery = evaluateEvery, TimeLimit = limit, LearningRate = 1e-2, WarmupSteps = 0, MicroBatchTokens = 16 };

    private static void Stop(LoopHarness harness, bool now)
    {
        if (now)
        {
            harness.Stopping.Cancel();
        }
    }

    private LoopHarness Harness(int groups, TrainerOptions options) => new(_folder.Path, LoopHarness.Groups(groups), options);
}
