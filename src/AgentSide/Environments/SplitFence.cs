using Forge.Core.Ring;

namespace Forge.AgentSide.Environments;

/// <summary>
/// Keeps train and held-out tasks apart by construction: each question text lies on exactly one side, whatever seed produced it.
/// An environment draws until its question is on the side that was asked for.
/// </summary>
public static class SplitFence
{
    // One text in five is held out: enough distinct questions at the easiest level, and most of the space left to train on.
    private const ulong Sides = 5;

    public static TaskSplit SideOf(string question) => SeededRandom.Hash(question) % Sides == 0 ? TaskSplit.HeldOut : TaskSplit.Train;

    /// <summary>Checks a request for a task and names the task.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The split is unspecified, or the environment has no such level.</exception>
    public static TaskReference Reference(IEnvironment environment, TaskSplit split, int difficulty, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (split is not (TaskSplit.Train or TaskSplit.HeldOut))
        {
            throw new ArgumentOutOfRangeException(nameof(split), split, "A task is asked for from Train or HeldOut.");
        }

        if (!environment.Levels.Contains(difficulty))
        {
            throw new ArgumentOutOfRangeException(
                nameof(difficulty), difficulty, $"Environment '{environment.Name}' has levels {string.Join(", ", environment.Levels)}.");
        }

        var side = split == TaskSplit.Train ? "train" : "held-out";
        var id = new TaskId(FormattableString.Invariant($"{environment.Name}/{side}/{difficulty}/{seed}"));
        return new TaskReference(id, environment.Name, split, difficulty, seed);
    }

    /// <summary>Starts the random numbers that generates a task.</summary>
    public static SeededRandom RandomOf(TaskReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return new SeededRandom(SeededRandom.Combine(
            SeededRandom.Hash(reference.Environment), (ulong)reference.Split, (ulong)reference.Difficulty, reference.Seed));
    }
}
