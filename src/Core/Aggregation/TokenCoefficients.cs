namespace Forge.Core.Aggregation;

/// <summary>
/// Computes the factor of each token's loss, such that the step's loss is the plain sum of factor · loss. Every mode gives all tokens of
/// one trajectory the same factor, so there is one per trajectory; it never depends on how trajectories were packed or merged.
/// </summary>
/// <remarks>
/// n_i tokens of trajectory i, N of all, N_g of its group, R trajectories with tokens, B trajectories, P groups, L a constant:
/// <code>
/// GroupTokenMean                   1 / (P · N_g)        TrajectoryMeanTokenMean          1 / (R · n_i)
/// TokenMean                        1 / N                AllTrajectoryMeanTokenMean       1 / (B · n_i)
/// TokenSum                         1                    TokenSumByTrajectoriesAndLength  1 / (B · L)
/// TrajectoryMeanTokenSum           1 / R                TrajectoryMeanTokenSumByLength   1 / (R · L)
/// </code>
/// A denominator of 0 (no token anywhere) gives 0, not infinity.
/// </remarks>
public static class TokenCoefficients
{
    /// <param name="mode">How to aggregate.</param>
    /// <param name="tokenCounts">Trained tokens of each trajectory.</param>
    /// <param name="groups">The group of each trajectory; a group's trajectories must all be here for <see cref="AggregationMode.GroupTokenMean"/>.</param>
    /// <param name="totals">The denominators of the whole step.</param>
    /// <returns>One factor per trajectory.</returns>
    public static double[] Compute(
        AggregationMode mode, ReadOnlySpan<int> tokenCounts, ReadOnlySpan<int> groups, AggregationTotals totals)
    {
        var perGroup = mode == AggregationMode.GroupTokenMean ? TokensPerGroup(tokenCounts, groups) : null;
        var coefficients = new double[tokenCounts.Length];
        for (var index = 0; index < coefficients.Length; index++)
        {
            var denominator = mode switch
            {
                AggregationMode.GroupTokenMean => (double)totals.Groups * perGroup![groups[index]],
                AggregationMode.TokenMean => totals.Tokens,
                AggregationMode.TokenSum => 1,
                AggregationMode.TrajectoryMeanTokenSum => totals.Trajectories,
                AggregationMode.TrajectoryMeanTokenSumByLength => totals.Trajectories * totals.Length,
                AggregationMode.TrajectoryMeanTokenMean => (double)totals.Trajectories * tokenCounts[index],
                AggregationMode.AllTrajectoryMeanTokenMean => (double)totals.AllTrajectories * tokenCounts[index],
                AggregationMode.TokenSumByTrajectoriesAndLength => totals.AllTrajectories * totals.Length,
                _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Unknown aggregation mode."),
            };
            coefficients[index] = denominator > 0 ? 1 / denominator : 0;
        }

        return coefficients;
    }

    private static Dictionary<int, long> TokensPerGroup(ReadOnlySpan<int> tokenCounts, ReadOnlySpan<int> groups)
    {
        var tokens = new Dictionary<int, long>();
        for (var index = 0; index < groups.Length; index++)
        {
            tokens[groups[index]] = tokens.GetValueOrDefault(groups[index]) + tokenCounts[index];
        }

        return tokens;
    }
}
