using Forge.AgentSide.Environments;
using Forge.Core.Ring;

namespace Forge.AgentSide.Examination;

/// <summary>An environment under examination, and which of its tasks are looked at.</summary>
internal sealed class ExaminedEnvironment(Func<IEnvironment> create, ExaminationOptions options)
{
    public IEnvironment Environment { get; } = create();

    /// <summary>Makes it anew, so that nothing of the first is left.</summary>
    public IEnvironment Create() => create();

    public IEnumerable<(TaskSplit Split, int Level, ulong Seed)> Places()
        => ((TaskSplit[])[TaskSplit.Train, TaskSplit.HeldOut]).SelectMany(
            split => Environment.Levels.SelectMany(level => Seeds(level).Select(seed => (split, level, seed))));

    public IEnumerable<EnvironmentTask> Tasks(TaskSplit split, int level) => Seeds(level).Select(seed => Environment.Sample(split, level, seed));

    public IEnumerable<ulong> Seeds(int level)
        => Enumerable.Range(0, options.Tasks).Select(index => SeededRandom.Combine(options.Seed, (ulong)level, (ulong)index) >> 1);
}
