using Forge.Core.Ring;
using Forge.Trainer.Batches;

namespace Forge.Trainer.Tests.Batches;

public sealed class GroupScorerTests
{
    private static readonly AlgorithmOptions Weighted = new() { ProcessWeight = 0.5, SpeedWeight = 0.25, Discount = 0.5 };

    // Rewards are 0.5 · process + 0.25 · speed + outcome: (-0.5, 1.1) and (0); returns (0.05, 1.1) and (0); their mean at the start 0.025.
    private static readonly Group Uneven = TrainingData.Group(
        4,
        TrainingData.Episode(4, 0, EpisodeStatus.Completed, new StepReward(-1, 0, 0), new StepReward(0, 0.4, 1)),
        TrainingData.Episode(4, 1, EpisodeStatus.LimitReached, default(StepReward)));

    [Fact]
    public void Score_gives_each_completion_its_reward_to_go_minus_the_group_mean()
    {
        var reason = new GroupScorer(Weighted).Score(Uneven, 2, out var scored);

        Assert.Null(reason);
        Assert.Equal([0.05, 1.1, 0], scored.Select(completion => completion.Return), Near);
        Assert.Equal([0.025, 1.075, -0.025], scored.Select(completion => completion.Advantage), Near);
        Assert.All(scored, completion => Assert.Equal(2, completion.GroupIndex));
    }

    [Fact]
    public void Score_divides_by_the_deviation_when_asked_to()
    {
        var options = new AlgorithmOptions { ProcessWeight = 0.5, SpeedWeight = 0.25, Discount = 0.5, NormalizeByStd = true };

        new GroupScorer(options).Score(Uneven, 0, out var scored);

        var deviation = 0.05 / Math.Sqrt(2);
        Assert.Equal(
            [0.025 / (deviation + 1e-6), 1.075 / (deviation + 1e-6), -0.025 / (deviation + 1e-6)],
            scored.Select(completion => completion.Advantage), Near);
    }

    [Fact]
    public void Score_numbers_episodes_apart_in_one_batch()
    {
        var scorer = new GroupScorer(new AlgorithmOptions());
        scorer.Score(TrainingData.Mixed(7), 0, out var first);
        scorer.Score(TrainingData.Mixed(8), 1, out var second);

        var chains = first.Concat(second).GroupBy(scored => scored.Chain).Select(chain => chain.Select(scored => scored.Completion.Episode).Distinct().Single());

        Assert.Equal(6, chains.Distinct().Count());
    }

    [Fact]
    public void Score_skips_a_group_whose_returns_are_equal()
    {
        var reason = new GroupScorer(new AlgorithmOptions()).Score(TrainingData.Flat(1), 0, out var scored);

        Assert.Equal(SkipReason.NoVariance, reason);
        Assert.Empty(scored);
    }

    [Fact]
    public void Score_skips_a_group_with_one_sound_episode()
    {
        var reason = new GroupScorer(new AlgorithmOptions()).Score(TrainingData.Broken(1), 0, out var scored);

        Assert.Equal(SkipReason.Failed, reason);
        Assert.Empty(scored);
    }

    [Theory]
    [InlineData(EpisodeStatus.Completed, true)]
    [InlineData(EpisodeStatus.LimitReached, true)]
    [InlineData(EpisodeStatus.AgentFailure, true)]
    [InlineData(EpisodeStatus.EnvironmentFailure, false)]
    [InlineData(EpisodeStatus.InfrastructureFailure, false)]
    [InlineData(EpisodeStatus.Expired, false)]
    public void Score_leaves_out_episodes_that_failed_for_other_reasons_than_the_policy(EpisodeStatus status, bool isTrained)
    {
        var group = TrainingData.Group(
            1,
            TrainingData.Episode(1, 0, EpisodeStatus.Completed, new StepReward(0, 0, 1)),
            TrainingData.Episode(1, 1, EpisodeStatus.Completed, default(StepReward)),
            TrainingData.Episode(1, 2, status, new StepReward(0, 0, 1)));

        new GroupScorer(new AlgorithmOptions()).Score(group, 0, out var scored);

        Assert.Equal(isTrained ? 3 : 2, scored.Length);
        Assert.Equal(isTrained ? 1 / 3.0 : 0.5, scored[0].Advantage, 1e-12);
    }

    [Fact]
    public void An_episode_without_completions_is_not_trained()
        => Assert.False(GroupScorer.IsTrainable(TrainingData.Episode(1, 0, EpisodeStatus.LimitReached)));

    private static bool Near(double left, double right) => Math.Abs(left - right) < 1e-9;
}
