using Forge.Core.Aggregation;
using Forge.Trainer.Algorithms;
using Forge.Trainer.Batches;
using Forge.Trainer.Steps;

namespace Forge.Trainer.Tests.Steps;

public sealed class TokenWeightsTests
{
    // Group 0: an episode of two completions (3 and 1 tokens) and one of a single token. Group 1: an episode of 12 tokens.
    private static readonly ScoredCompletion[] Completions = [Scored(0, 0, 3), Scored(0, 0, 1), Scored(0, 1, 1), Scored(1, 2, 12)];

    [Theory]
    [InlineData(LossName.Cispo, 1 / 10.0, 1 / 10.0, 1 / 10.0, 1 / 24.0)]
    [InlineData(LossName.Grpo, 1 / 12.0, 1 / 12.0, 1 / 3.0, 1 / 36.0)]
    [InlineData(LossName.DrGrpo, 1 / 300.0, 1 / 300.0, 1 / 300.0, 1 / 300.0)]
    [InlineData(LossName.Dapo, 1 / 17.0, 1 / 17.0, 1 / 17.0, 1 / 17.0)]
    [InlineData(LossName.Gspo, 1 / 12.0, 1 / 12.0, 1 / 3.0, 1 / 36.0)]
    [InlineData(LossName.Reinforce, 1 / 17.0, 1 / 17.0, 1 / 17.0, 1 / 17.0)]
    public void Of_counts_as_the_loss_was_published_with_episodes_as_trajectories(LossName loss, params double[] expected)
        => Assert.Equal(expected, TokenWeights.Of([.. Completions], new AlgorithmOptions { Loss = loss, NormalizerLength = 100 }), Near);

    [Fact]
    public void Of_takes_the_normalizer_that_the_run_file_names()
        => Assert.Equal(
            [1, 1, 1, 1], TokenWeights.Of([.. Completions], new AlgorithmOptions { Loss = LossName.Grpo, Normalizer = AggregationMode.TokenSum }), Near);

    private static ScoredCompletion Scored(int group, int chain, int tokens)
        => new(TrainingData.Completion("e", 0, [1], [.. Enumerable.Repeat(2, tokens)], new Random(1)), chain, group, 0, 1);

    private static bool Near(double left, double right) => Math.Abs(left - right) < 1e-15;
}
