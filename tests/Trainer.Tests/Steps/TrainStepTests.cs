using System.Collections.Immutable;
using Forge.Core.Metrics;
using Forge.Core.Ring;
using Forge.Learning.Model;
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

    private static (double[] Weights, Dictionary<string, double> Metrics) Step(TrainingBatch batch, AlgorithmOptions algorithm, int microBatchTokens)
    {
        using var model = TinyPolicy.Create();
        using var optimizer = new PolicyOptimizer(model, Options);
        var metrics = new Dictionary<string, double>();
        new TrainStep(model, optimizer, algorithm, new TrainerOptions { MicroBatchTokens = microBatchTokens }).Run(batch, PolicyVersion.Initial, metrics);
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
