using System.Collections.Immutable;
using Forge.Core.Metrics;
using Forge.Core.Ring;
using Forge.Learning.Model;
using Forge.Trainer.Algorithms;
using Forge.Trainer.Batches;
using Forge.Trainer.Steps;
using static TorchSharp.torch;

namespace Forge.Trainer.Tests.Steps;

public sealed class TrainStepTests
{
    // A large ε makes the update a smooth function of the gradient: equal weights after the step mean equal gradients before it.
    private static readonly TrainerOptions Options = new()
    {
        LearningRate = 0.5,
        WarmupSteps = 0,
        Epsilon = 1e-3,
        ClipNorm = 0,
        WeightDecay = 0,
        Steps = 10,
    };

    [Theory]
    [InlineData(4.0, null, null, 1.0, 1.0)]
    [InlineData(0.1, 0.2, null, 1.0, 1.0)]
    [InlineData(4.0, null, 1.05, 1.0, 1.0)]
    [InlineData(4.0, 0.3, 1.2, 0.7, 1.3)]
    public void Run_moves_the_weights_as_the_sum_over_single_completions_does(
        double epsilonHigh, double? epsilonLow, double? epsilonCap, double temperature, double otherTemperature)
    {
        var batch = Batch(temperature, otherTemperature);
        var algorithm = new AlgorithmOptions { EpsilonHigh = epsilonHigh, EpsilonLow = epsilonLow, EpsilonCap = epsilonCap };

        var (moved, metrics) = Step(batch, algorithm, microBatchTokens: 14);

        using var reference = TinyPolicy.Create();
        using var optimizer = new PolicyOptimizer(reference, Options);
        var clipped = ReferenceStep.Backward(reference, batch, epsilonLow is { } low ? 1 - low : 0, epsilonCap ?? 1 + epsilonHigh);
        var norm = optimizer.Step([zeros(4), zeros(4)]);
        var difference = Distance(moved, Weights(reference));
        Assert.True(Distance(moved, Start()) > 1e-2, "The step did not move the weights.");
        Assert.True(difference < 1e-10, $"The weights differ by {difference}.");
        Assert.Equal(norm, metrics[MetricNames.GradientNorm], norm * 1e-10);
        Assert.Equal(clipped / (double)batch.Completions.Sum(scored => scored.Completion.ResponseIds.Length), metrics[MetricNames.ClipFraction], 1e-12);
    }

    [Fact]
    public void Run_clips_some_tokens_of_this_batch_and_not_all()
    {
        var (_, metrics) = Step(Batch(1, 1), new AlgorithmOptions { EpsilonCap = 1.05 }, 1000);

        Assert.InRange(metrics[MetricNames.ClipFraction], 0.05, 0.95);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    public void Run_takes_the_same_step_whatever_the_micro_batch(int microBatchTokens)
    {
        var batch = Batch(1, 1);

        var (one, whole) = Step(batch, new AlgorithmOptions(), 1000);
        var (many, parts) = Step(batch, new AlgorithmOptions(), microBatchTokens);

        Assert.True(Distance(one, many) < 1e-10);
        Assert.Equal(whole[MetricNames.PolicyLoss], parts[MetricNames.PolicyLoss], 1e-10);
        Assert.Equal(whole[MetricNames.Entropy], parts[MetricNames.Entropy], 1e-10);
    }

    /// <summary>Every loss, alone and with penalties.</summary>
    public static TheoryData<LossName, double> Losses
        => new(Enum.GetValues<LossName>().SelectMany(loss => new[] { (loss, 0.0), (loss, 0.1) }));

    [Theory]
    [MemberData(nameof(Losses))]
    public void Run_takes_the_same_step_whatever_is_merged(LossName loss, double penalty)
    {
        var batch = Forking();
        var algorithm = new AlgorithmOptions { Loss = loss, EntropyWeight = penalty, KlWeight = penalty, NormalizerLength = 3, EpsilonHigh = 0.3 };

        var (none, separate) = Step(batch, algorithm, 1000, MergeMode.None);
        var (episode, _) = Step(batch, algorithm, 20, MergeMode.Episode);
        var (tree, merged) = Step(batch, algorithm, 1000, MergeMode.Tree);
        var (cut, _) = Step(batch, algorithm, 9, MergeMode.Tree);

        Assert.True(Distance(none, Start()) > 1e-3, "The step did not move the weights.");
        Assert.True(Distance(none, episode) < 1e-10, $"episode: {Distance(none, episode)}");
        Assert.True(Distance(none, tree) < 1e-10, $"tree: {Distance(none, tree)}");
        Assert.True(Distance(none, cut) < 1e-10, $"cut: {Distance(none, cut)}");
        foreach (var name in (string[])[MetricNames.PolicyLoss, MetricNames.Entropy, MetricNames.ClipFraction, MetricNames.ExpertLoadVariation])
        {
            Assert.Equal(separate[name], merged[name], 1e-10);
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(9)]
    public void Run_takes_the_same_step_when_activations_are_computed_again(int microBatchTokens)
    {
        var algorithm = new AlgorithmOptions { EntropyWeight = 0.1 };

        var (kept, _) = Step(Forking(), algorithm, 1000);
        var (again, _) = Step(Forking(), algorithm, new TrainerOptions { MicroBatchTokens = microBatchTokens, CheckpointActivations = true });

        Assert.True(Distance(kept, again) < 1e-10);
    }

    [Fact]
    public void Losses_take_different_steps()
    {
        var steps = Losses.Select(row => Step(Forking(), new AlgorithmOptions
        {
            Loss = row.Data.Item1,
            EntropyWeight = row.Data.Item2,
            KlWeight = row.Data.Item2,
            NormalizerLength = 3,
        }, 1000).Weights).ToList();

        Assert.All(steps.Index(), step => Assert.All(steps.Take(step.Index), other => Assert.True(Distance(step.Item, other) > 1e-6)));
    }

    [Fact]
    public void Run_reports_what_merging_saved_and_changed()
    {
        var (_, metrics) = Step(Forking(), new AlgorithmOptions(), 1000, MergeMode.Tree, exactnessEvery: 1);
        var (_, separate) = Step(Forking(), new AlgorithmOptions(), 1000, MergeMode.None, exactnessEvery: 1);

        // Rows per completion 5 + 9 + 9 + 6 + 11, per episode 9 + 9 + 11; merged 9, and the branches' own 4 and 6.
        Assert.InRange(metrics[MetricNames.TreeExactness], 0, 1e-12);
        Assert.Equal(1, metrics[MetricNames.TreePasses]);
        Assert.Equal(0, metrics[MetricNames.TreeCuts]);
        Assert.Equal(19.0 / 40, metrics[MetricNames.TreeTokensVersusCompletion], 1e-12);
        Assert.Equal(19.0 / 29, metrics[MetricNames.TreeTokensVersusEpisode], 1e-12);
        Assert.InRange(metrics[MetricNames.TreeFlopsSaved], 0.3, 0.6);
        Assert.Equal(1, separate[MetricNames.TreeTokensVersusCompletion]);
        Assert.Equal(0, separate[MetricNames.TreeFlopsSaved]);
        Assert.DoesNotContain(MetricNames.TreeExactness, separate.Keys);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Run_measures_exactness_only_in_every_nth_step(int every)
        => Assert.DoesNotContain(MetricNames.TreeExactness, Step(Forking(), new AlgorithmOptions(), 1000, exactnessEvery: every).Metrics.Keys);

    [Fact]
    public void Run_scores_at_the_temperature_of_each_completion()
    {
        var (cold, _) = Step(Batch(0.5, 0.5), new AlgorithmOptions(), 1000);
        var (mixed, _) = Step(Batch(0.5, 2), new AlgorithmOptions(), 1000);

        Assert.True(Distance(cold, mixed) > 1e-4);
    }

    [Fact]
    public void A_gradient_that_is_not_finite_leaves_weights_and_optimizer_as_they_are()
    {
        var batch = Batch(1, 1);
        batch = batch with { Completions = batch.Completions.SetItem(0, batch.Completions[0] with { Advantage = double.NaN }) };
        using var model = TinyPolicy.Create();
        using var optimizer = new PolicyOptimizer(model, Options);
        var metrics = new Dictionary<string, double>();

        new TrainStep(model, optimizer, new AlgorithmOptions(), Options).Run(batch, PolicyVersion.Initial, metrics);

        Assert.True(double.IsNaN(metrics[MetricNames.GradientNorm]));
        Assert.Equal(Start(), Weights(model));
        Assert.Equal(0, optimizer.Adam.StepCount);
        Assert.Empty(model.Gradients());
    }

    /// <summary>Two episodes from one prompt: one appends and then rewrites its history, one goes on alone.</summary>
    private static TrainingBatch Forking()
    {
        var random = new Random(4);
        Completion[] first =
        [
            TrainingData.Completion("a", 0, [1, 2, 3, 4], [5, 6], random),
            TrainingData.Completion("a", 1, [1, 2, 3, 4, 5, 6, 7], [8, 9, 10], random),
            TrainingData.Completion("a", 2, [1, 2, 3, 4, 5, 11, 7], [8, 9, 10], random),
        ];
        Completion[] second = [TrainingData.Completion("b", 0, [1, 2, 3, 4], [5, 9, 3], random), TrainingData.Completion("b", 1, [1, 2, 3, 4, 5, 9, 3, 2], [4, 4, 1, 6], random)];
        ScoredCompletion[] scored =
        [
            .. first.Select((completion, turn) => new ScoredCompletion(completion, 0, 0, 0, 0.7 + (0.3 * turn))),
            .. second.Select((completion, turn) => new ScoredCompletion(completion, 1, 0, 0, -0.9 - (0.2 * turn))),
        ];
        return new TrainingBatch([TrainingData.Mixed(1)], [.. scored.Select(WithOldPolicyNearby)], []);
    }

    // Old log-probabilities around those of the policy: ratios on both sides of 1, some of them clipped.
    private static ScoredCompletion WithOldPolicyNearby(ScoredCompletion scored)
        => scored with { Completion = scored.Completion with { BehaviorLogProbs = [.. scored.Completion.BehaviorLogProbs.Select(value => value + 0.4f)] } };

    private static TrainingBatch Batch(double temperature, double otherTemperature)
    {
        var scorer = new GroupScorer(new AlgorithmOptions());
        ImmutableArray<Group> groups = [TrainingData.Mixed(1), TrainingData.Mixed(2)];
        var completions = groups.SelectMany((group, index) =>
        {
            scorer.Score(group, index, out var scored);
            return scored;
        });
        return new TrainingBatch(
            groups, [.. completions.Select(scored => At(scored, scored.GroupIndex == 0 ? temperature : otherTemperature))], []);
    }

    private static ScoredCompletion At(ScoredCompletion scored, double temperature)
        => scored with { Completion = scored.Completion with { Sampling = new SamplingParameters { Temperature = temperature } } };

    private static (double[] Weights, Dictionary<string, double> Metrics) Step(
        TrainingBatch batch, AlgorithmOptions algorithm, int microBatchTokens, MergeMode merge = MergeMode.Tree, int exactnessEvery = 0)
        => Step(batch, algorithm, new TrainerOptions { MicroBatchTokens = microBatchTokens, Merge = merge, ExactnessEvery = exactnessEvery });

    private static (double[] Weights, Dictionary<string, double> Metrics) Step(TrainingBatch batch, AlgorithmOptions algorithm, TrainerOptions options)
    {
        using var model = TinyPolicy.Create();
        using var optimizer = new PolicyOptimizer(model, Options);
        var metrics = new Dictionary<string, double>();
        new TrainStep(model, optimizer, algorithm, options).Run(batch, PolicyVersion.Initial, metrics);
        return (Weights(model), metrics);
    }

    private static double[] Start()
    {
        using var model = TinyPolicy.Create();
        return Weights(model);
    }

    private static double[] Weights(MiniMaxM2ForCausalLM model)
    {
        using var scope = NewDisposeScope();
        return [.. model.Weights().SelectMany(weight => weight.Value.detach().to_type(ScalarType.Float64).contiguous().data<double>().ToArray())];
    }

    private static double Distance(double[] left, double[] right) => left.Zip(right, (a, b) => Math.Abs(a - b)).Max();
}
