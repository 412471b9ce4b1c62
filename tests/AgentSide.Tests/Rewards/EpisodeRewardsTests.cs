using Forge.AgentSide.Agents;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Rewards;
using Forge.AgentSide.Tests.Agents;
using Forge.Core.Ring;

namespace Forge.AgentSide.Tests.Rewards;

public sealed class EpisodeRewardsTests
{
    private static readonly EnvironmentTask Task = FakeEnvironment.Replying("").Sample(TaskSplit.Train, 1, 0);

    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(2, 1.0)]
    [InlineData(3, 0.5)]
    [InlineData(4, 0.0)]
    [InlineData(6, 0.0)]
    public void Of_rewards_speed_in_turns_against_the_baseline_of_two(int turns, double speed)
    {
        var given = new EpisodeRewards(new RewardOptions()).Of(new AgentStep[turns], EnvironmentScore.Solved, Task, TimeSpan.FromHours(1));

        Assert.Equal(speed, given[^1].Speed, 1e-12);
        Assert.Equal(1, given[^1].Outcome);
        Assert.All(given[..^1], reward => Assert.Equal(default, reward));
    }

    [Theory]
    [InlineData(5, 1.0)]
    [InlineData(15, 0.5)]
    [InlineData(30, 0.0)]
    public void Of_can_measure_speed_in_wall_clock_time(int seconds, double speed)
    {
        var rewards = new EpisodeRewards(new RewardOptions { SpeedBasis = SpeedBasis.WallClock, BaselineTime = TimeSpan.FromSeconds(10) });

        var given = rewards.Of(new AgentStep[9], EnvironmentScore.Solved, Task, TimeSpan.FromSeconds(seconds));

        Assert.Equal(speed, given[^1].Speed, 1e-12);
    }

    [Fact]
    public void Of_rewards_no_speed_without_success()
    {
        var given = new EpisodeRewards(new RewardOptions()).Of(new AgentStep[1], new EnvironmentScore(0.5, false), Task, TimeSpan.Zero);

        Assert.Equal(new StepReward(0, 0, 0.5), given.Single());
    }

    [Fact]
    public void Of_gives_no_negative_zero_which_would_not_survive_a_wire()
        => Assert.False(double.IsNegative(new EpisodeRewards(new RewardOptions()).Of(new AgentStep[1], EnvironmentScore.Solved, Task, TimeSpan.Zero)[0].Process));

    [Fact]
    public void Of_gives_an_episode_without_completions_nothing()
        => Assert.Empty(new EpisodeRewards(new RewardOptions()).Of([], EnvironmentScore.Solved, Task, TimeSpan.Zero));
}
