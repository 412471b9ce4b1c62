using Forge.Core.Ring;

namespace Forge.Core.Rewards;

/// <summary>r_t = α · process + β · speed + outcome (MiniMax M2 report, eq. 7).</summary>
/// <param name="Process">α.</param>
/// <param name="Speed">β.</param>
public readonly record struct RewardWeights(double Process, double Speed)
{
    public double Of(StepReward reward) => (Process * reward.Process) + (Speed * reward.Speed) + reward.Outcome;

    /// <summary>One number per completion.</summary>
    public double[] Of(IReadOnlyList<StepReward> rewards)
    {
        var composed = new double[rewards.Count];
        for (var step = 0; step < composed.Length; step++)
        {
            composed[step] = Of(rewards[step]);
        }

        return composed;
    }
}
