using Forge.Trainer.Batches;
using Forge.Trainer.Steps;

namespace Forge.Trainer.Tests.Steps;

public sealed class TokenWeightsTests
{
    [Fact]
    public void PerGroup_weighs_groups_alike_and_within_a_group_every_token_alike()
    {
        ScoredCompletion[] completions = [Scored(0, 3), Scored(0, 1), Scored(1, 12)];

        var weights = TokenWeights.PerGroup([.. completions]);

        Assert.Equal([1 / 8.0, 1 / 8.0, 1 / 24.0], weights, (left, right) => Math.Abs(left - right) < 1e-15);
    }

    private static ScoredCompletion Scored(int group, int tokens)
        => new(TrainingData.Completion("e", 0, [1], [.. Enumerable.Repeat(2, tokens)], new Random(1)), group, group, 0, 1);
}
