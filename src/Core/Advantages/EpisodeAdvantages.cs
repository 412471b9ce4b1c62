namespace Forge.Core.Advantages;

/// <summary>
/// Assigns credit within a group: for each episode and completion the reward-to-go minus the trajectory's baseline, which the
/// group's other episodes supply.
/// </summary>
public static class EpisodeAdvantages
{
    /// <param name="rewards">Per episode, one reward per completion; at least one completion each.</param>
    /// <param name="discount">γ per completion, in [0, 1].</param>
    /// <param name="baseline">Where B comes from.</param>
    /// <param name="normalizeByStd">Divides by the unbiased standard deviation of the group's returns plus 1e-6.</param>
    /// <returns>Aligned to <paramref name="rewards"/>; all 0 for a group of one, unless it has no baseline.</returns>
    public static double[][] Compute(
        IReadOnlyList<double[]> rewards, double discount, TrajectoryBaseline baseline, bool normalizeByStd)
    {
        var totals = Totals(rewards, discount);
        var statistics = GroupStatistics.Of(totals);
        var scale = normalizeByStd ? statistics.StandardDeviation + GroupRelativeAdvantage.DefaultEpsilon : 1;
        var advantages = new double[rewards.Count][];
        for (var episode = 0; episode < rewards.Count; episode++)
        {
            advantages[episode] = new double[rewards[episode].Length];
            if (rewards.Count < 2 && baseline != TrajectoryBaseline.None)
            {
                continue;
            }

            RewardToGo.Advantages(rewards[episode], discount, Baseline(baseline, statistics, totals[episode]), advantages[episode]);
            for (var step = 0; step < advantages[episode].Length; step++)
            {
                advantages[episode][step] /= scale;
            }
        }

        return advantages;
    }

    /// <summary>G_0 of every episode: what a group's variance is measured on.</summary>
    public static double[] Totals(IReadOnlyList<double[]> rewards, double discount)
    {
        var totals = new double[rewards.Count];
        for (var episode = 0; episode < rewards.Count; episode++)
        {
            var returns = new double[rewards[episode].Length];
            RewardToGo.Returns(rewards[episode], discount, returns);
            totals[episode] = returns.Length == 0 ? 0 : returns[0];
        }

        return totals;
    }

    private static double Baseline(TrajectoryBaseline kind, GroupStatistics group, double own) => kind switch
    {
        TrajectoryBaseline.GroupMean => group.Mean,
        TrajectoryBaseline.LeaveOneOut => ((group.Mean * group.Count) - own) / (group.Count - 1),
        TrajectoryBaseline.None => 0,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown trajectory baseline."),
    };
}
