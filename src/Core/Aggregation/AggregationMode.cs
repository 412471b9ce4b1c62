namespace Forge.Core.Aggregation;

/// <summary>How per-token losses become one number; see <see cref="TokenCoefficients"/> for each formula.</summary>
public enum AggregationMode
{
    /// <summary>Mean over the group's tokens, then over groups: CISPO's normaliser, and Forge's default.</summary>
    GroupTokenMean = 0,

    /// <summary>Mean over all tokens (DAPO).</summary>
    TokenMean = 1,

    /// <summary>Sum over all tokens.</summary>
    TokenSum = 2,

    /// <summary>Sum over a trajectory's tokens, mean over trajectories that have any.</summary>
    TrajectoryMeanTokenSum = 3,

    /// <summary>As <see cref="TrajectoryMeanTokenSum"/>, divided by a constant length.</summary>
    TrajectoryMeanTokenSumByLength = 4,

    /// <summary>Mean over a trajectory's tokens, mean over trajectories that have any (GRPO as published).</summary>
    TrajectoryMeanTokenMean = 5,

    /// <summary>As <see cref="TrajectoryMeanTokenMean"/>, but trajectories without tokens count in the denominator.</summary>
    AllTrajectoryMeanTokenMean = 6,

    /// <summary>Sum over all tokens, divided by trajectories times a constant length (Dr. GRPO).</summary>
    TokenSumByTrajectoriesAndLength = 7,
}
