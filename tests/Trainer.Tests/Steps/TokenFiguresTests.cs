using Forge.Core.Metrics;
using Forge.Core.Packing;
using Forge.Core.Ring;
using Forge.Trainer.Batches;
using Forge.Trainer.Steps;

namespace Forge.Trainer.Tests.Steps;

public sealed class TokenFiguresTests
{
    [Fact]
    public void Write_gives_ratios_of_the_behaviour_policy_and_differences_to_the_sampling_policy()
    {
        var metrics = Figures(new PolicyVersion(0), [-1.0, -2.0]);

        Assert.Equal((1 + Math.Exp(-0.5)) / 2, metrics[MetricNames.RatioMean], 1e-6);
        Assert.Equal(1, metrics[MetricNames.RatioMax], 1e-6);
        Assert.Equal(0.25, metrics[MetricNames.MismatchMean], 1e-6);
        Assert.Equal(0.5, metrics[MetricNames.MismatchMax], 1e-6);
        Assert.Equal((Math.Exp(-0.5) - 1 + 0.5) / 2, metrics[MetricNames.MismatchK3], 1e-6);
        Assert.Equal(0.5, metrics[MetricNames.ClipFraction]);
        Assert.Equal(0.75, metrics[MetricNames.Entropy]);
        Assert.Equal(-3, metrics[MetricNames.PolicyLoss]);
    }

    [Fact]
    public void Write_has_no_mismatch_where_trainer_and_rollout_had_other_weights()
        => Assert.DoesNotContain(MetricNames.MismatchMax, Figures(new PolicyVersion(1), [-1.0, -2.0]).Keys);

    [Fact]
    public void A_ratio_beyond_all_measure_stays_finite()
        => Assert.True(double.IsFinite(Figures(new PolicyVersion(0), [4000.0, -1.0])[MetricNames.RatioMax]));

    // Two tokens that the rollout gave log-probabilities of -1 and -1.5, before and after truncation.
    private static Dictionary<string, double> Figures(PolicyVersion current, double[] logProbs)
    {
        var completion = TrainingData.Completion("e", 0, [1], [2, 3], new Random(1)) with
        {
            PolicyLogProbs = [-1f, -1.5f],
            BehaviorLogProbs = [-1f, -1.5f],
        };
        var packed = Assert.Single(new EpisodePacker().Pack([new TrainingSample(0, completion.PromptIds, completion.ResponseIds)], 100));
        var figures = new TokenFigures(current);
        figures.Add(new MicroBatch(packed, [new ScoredCompletion(completion, 0, 0, 0, 1)], [1]), logProbs, [0.5, 1.0], clipped: 1, loss: -3);
        var metrics = new Dictionary<string, double>();
        figures.Write(metrics);
        return metrics;
    }
}
