using Forge.Core.Advantages;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Advantages;

public sealed class EpisodeAdvantagesTests
{
    private static readonly Arbitrary<double[][]> Groups = Gen.Choose(-100, 100).Select(value => value / 64.0)
        .NonEmptyListOf().Select(list => list.ToArray()).ListOf().Where(list => list.Count >= 2).Select(list => list.ToArray()).ToArbitrary();

    [Fact]
    public void Compute_matches_a_hand_worked_group()
    {
        double[][] rewards = [[0.5, 1], [-0.5]];

        var advantages = EpisodeAdvantages.Compute(rewards, discount: 0.5, TrajectoryBaseline.GroupMean, normalizeByStd: false);

        Assert.Equal([0.75, 0.75], advantages[0]);
        Assert.Equal([-0.75], advantages[1]);
    }

    [Fact]
    public void Leaving_the_own_return_out_stretches_the_first_advantage_by_n_over_n_minus_1()
        => Prop.ForAll(Groups, rewards =>
        {
            var mean = EpisodeAdvantages.Compute(rewards, 1, TrajectoryBaseline.GroupMean, normalizeByStd: false);
            var others = EpisodeAdvantages.Compute(rewards, 1, TrajectoryBaseline.LeaveOneOut, normalizeByStd: false);
            var stretch = rewards.Length / (rewards.Length - 1.0);
            return mean.Zip(others).All(pair => Math.Abs((pair.First[0] * stretch) - pair.Second[0]) < 1e-9);
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));

    [Fact]
    public void Shifting_every_last_reward_by_a_constant_changes_nothing()
        => Prop.ForAll(Groups, rewards =>
        {
            var shifted = rewards.Select(row => row.Select((value, step) => step == row.Length - 1 ? value + 3 : value).ToArray()).ToArray();
            var before = EpisodeAdvantages.Compute(rewards, 1, TrajectoryBaseline.GroupMean, normalizeByStd: true);
            var after = EpisodeAdvantages.Compute(shifted, 1, TrajectoryBaseline.GroupMean, normalizeByStd: true);
            return before.Zip(after).All(pair => pair.First.Zip(pair.Second).All(step => Math.Abs(step.First - step.Second) < 1e-6));
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));

    [Fact]
    public void A_group_of_one_teaches_nothing()
    {
        Assert.Equal([0, 0], EpisodeAdvantages.Compute([[1, 2]], 1, TrajectoryBaseline.GroupMean, normalizeByStd: true)[0]);
        Assert.Equal([0, 0], EpisodeAdvantages.Compute([[1, 2]], 1, TrajectoryBaseline.LeaveOneOut, normalizeByStd: false)[0]);
        Assert.Equal([3, 2], EpisodeAdvantages.Compute([[1, 2]], 1, TrajectoryBaseline.None, normalizeByStd: false)[0]);
    }

    [Fact]
    public void Equal_rewards_have_no_variance_however_they_are_rounded()
    {
        Assert.False(GroupStatistics.Of([0.1, 0.1, 0.1]).HasVariance);
        Assert.False(GroupStatistics.Of([5]).HasVariance);
        Assert.True(GroupStatistics.Of([0, 1e-6]).HasVariance);
    }
}
