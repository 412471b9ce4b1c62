namespace Forge.Core.Advantages;

/// <summary>Where a trajectory's baseline B comes from.</summary>
public enum TrajectoryBaseline
{
    /// <summary>The mean return of the whole group: lower variance, a bias of 1/n that only shrinks the step.</summary>
    GroupMean = 0,

    /// <summary>The mean return of the group's other episodes: unbiased.</summary>
    LeaveOneOut = 1,

    /// <summary>No baseline: plain REINFORCE.</summary>
    None = 2,
}
