using System.Collections.Immutable;
using Forge.AgentSide.Agents;
using Forge.AgentSide.Environments;
using Forge.Core.Rewards;
using Forge.Core.Ring;

namespace Forge.AgentSide.Rewards;

/// <summary>Gives every completion of an episode its reward: process where it happened, speed and outcome at the last one.</summary>
public sealed class EpisodeRewards(RewardOptions options)
{
    /// <returns>Aligned to <paramref name="steps"/>.</returns>
    public ImmutableArray<StepReward> Of(
        IReadOnlyList<AgentStep> steps, EnvironmentScore score, EnvironmentTask task, TimeSpan elapsed)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(task);
        var rewards = ImmutableArray.CreateBuilder<StepReward>(steps.Count);
        for (var turn = 0; turn < steps.Count; turn++)
        {
            var isLast = turn == steps.Count - 1;
            rewards.Add(new StepReward(
                Process(steps[turn]),
                isLast && score.Success ? Speed(steps.Count, task, elapsed) : 0,
                isLast ? score.Value : 0));
        }

        return rewards.MoveToImmutable();
    }

    private double Process(AgentStep step)
    {
        var penalty = (step.Malformed ? options.MalformedPenalty : 0) + (step.InvalidCalls * options.InvalidCallPenalty);

        // Subtracted: no penalty is 0, not the negative zero that a wire does not carry.
        return 0 - Math.Min(1, penalty);
    }

    // A failed episode earns none: giving up fast is no speed.
    private double Speed(int turns, EnvironmentTask task, TimeSpan elapsed)
        => options.SpeedBasis == SpeedBasis.Turns
            ? SpeedReward.Of(turns, task.BaselineTurns)
            : SpeedReward.Of(elapsed.TotalSeconds, options.BaselineTime.TotalSeconds);
}
