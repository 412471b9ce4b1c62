using Forge.Core.Ring;

namespace Forge.AgentSide.Examination.Checks;

/// <summary>No task is on both sides, and each side has more than a handful.</summary>
internal static class SplitCheck
{
    private const string Name = "splits";

    public static ExaminationFinding Run(ExaminedEnvironment examined)
    {
        var train = KeysOf(examined, TaskSplit.Train);
        var heldOut = KeysOf(examined, TaskSplit.HeldOut);
        var both = train.Intersect(heldOut).Order(StringComparer.Ordinal).ToList();
        return both.Count > 0
            ? ExaminationFinding.Failed(
                Name, $"{both.Count} tasks are both train and held out, such as '{both[0]}'",
                "Draw until SplitFence.SideOf(question) is the split that was asked for, or derive PuzzleEnvironment, which does.")
            : ExaminationFinding.Passed(Name, $"{train.Count} different train tasks and {heldOut.Count} held-out ones; none is both");
    }

    private static HashSet<string> KeysOf(ExaminedEnvironment examined, TaskSplit split)
        => [.. examined.Environment.Levels.SelectMany(level => examined.Tasks(split, level)).Select(task => task.Key)];
}
