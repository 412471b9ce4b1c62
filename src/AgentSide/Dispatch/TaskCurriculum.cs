using Forge.AgentSide.Environments;
using Forge.Core.Ring;

namespace Forge.AgentSide.Dispatch;

/// <summary>Chooses the task of each group: a function of the run's seed and the dispatch index, so that a run can be repeated.</summary>
public sealed class TaskCurriculum
{
    private readonly IEnvironment _environment;
    private readonly LevelSampler _levels;
    private readonly ulong _seed;

    /// <exception cref="ArgumentException">The weights don't fit the environment's levels.</exception>
    public TaskCurriculum(IEnvironment environment, CurriculumOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        _environment = environment;
        _levels = new LevelSampler(environment.Levels, options.LevelWeights);
        _seed = seed;
    }

    public TaskReference Next(GroupId group)
    {
        var random = new SeededRandom(SeededRandom.Combine(_seed, (ulong)group.Value));
        var level = _levels.Draw(ref random);
        return SplitFence.Reference(_environment, TaskSplit.Train, level, random.NextUInt64() >> 1);
    }
}
