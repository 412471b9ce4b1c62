using Forge.Core.Packing;
using Forge.Core.Ports;
using Forge.Trainer.Steps;
using Forge.Trainer.Supervised;

namespace Forge.Trainer.Tests.Supervised;

public sealed class SftLoopTests
{
    [Fact]
    public void Run_learns_to_repeat_the_demonstrations()
    {
        using var model = TinyPolicy.Create();
        var options = new TrainerOptions { Steps = 150, LearningRate = 1e-2, WarmupSteps = 5, MicroBatchTokens = 16 };
        using var optimizer = new PolicyOptimizer(model, options);
        TrainingSample[] samples = [new(0, [1, 2], [3, 4]), new(0, [1, 2, 3, 4, 5], [6, 7]), new(1, [8, 9], [10, 11, 12])];
        var losses = new List<double>();
        var loop = new SftLoop(model, optimizer, options, new DiscardedMetrics(), TimeProvider.System);
        loop.Stepped += (_, loss) => losses.Add(loss);

        var outcome = loop.Run(() => samples, CancellationToken.None);

        Assert.Equal(Math.Log(TinyPolicy.Vocabulary), losses[0], 0.3);
        Assert.True(outcome.Loss < 0.05, $"The loss is still {outcome.Loss}.");
        Assert.Equal((150L, 450L, 150L * 7, 150L * 10), (outcome.Steps, outcome.Samples, outcome.TrainedTokens, outcome.TokenRows));
    }

    [Fact]
    public void Run_gives_the_same_first_loss_whatever_the_micro_batch()
    {
        Assert.Equal(FirstLoss(microBatchTokens: 1), FirstLoss(microBatchTokens: 1000), 1e-12);
    }

    private static double FirstLoss(int microBatchTokens)
    {
        using var model = TinyPolicy.Create();
        var options = new TrainerOptions { Steps = 1, MicroBatchTokens = microBatchTokens };
        using var optimizer = new PolicyOptimizer(model, options);
        var loop = new SftLoop(model, optimizer, options, new DiscardedMetrics(), TimeProvider.System);

        return loop.Run(() => [new(0, [1, 2], [3, 4]), new(1, [8, 9], [10, 11, 12])], CancellationToken.None).Loss;
    }

    private sealed class DiscardedMetrics : IMetricsSink
    {
        public void Write(long step, IReadOnlyDictionary<string, double> values)
        {
        }
    }
}
