using Forge.AgentSide.Environments;
using Forge.Core.Ring;

namespace Forge.AgentSide.Examination.Checks;

/// <summary>The same seeds give the same task, and the same calls the same results, in an environment that was made anew.</summary>
internal static class DeterminismCheck
{
    private const string Name = "determinism";

    public static async Task<ExaminationFinding> RunAsync(ExaminedEnvironment examined, CancellationToken cancellationToken)
    {
        var (first, second) = (examined.Create(), examined.Create());
        var count = 0;
        foreach (var (split, level, seed) in examined.Places())
        {
            var (task, again) = (first.Sample(split, level, seed), second.Sample(split, level, seed));
            if (task.Key != again.Key || task.Question != again.Question || task.Reference != again.Reference || task.BaselineTurns != again.BaselineTurns)
            {
                return Differs($"seed {seed} of level {level} gave '{task.Question}' once and '{again.Question}' another time");
            }

            if (split == TaskSplit.Train && await DifferenceAsync(first, task, second, again, cancellationToken) is { } difference)
            {
                return Differs($"the same calls on '{task.Question}' gave different results: {difference}");
            }

            count++;
        }

        return ExaminationFinding.Passed(Name, $"{count} tasks made twice, train tasks played twice: no difference");
    }

    private static async Task<string?> DifferenceAsync(
        IEnvironment first, EnvironmentTask task, IEnvironment second, EnvironmentTask again, CancellationToken cancellationToken)
    {
        var (one, other) = (await TranscriptAsync(first, task, cancellationToken), await TranscriptAsync(second, again, cancellationToken));
        return one == other ? null : FirstDifference(one, other);
    }

    // Without a player, the world's beginning is what there is to compare.
    private static async Task<string> TranscriptAsync(IEnvironment environment, EnvironmentTask task, CancellationToken cancellationToken)
    {
        using var instance = environment.Open(task, task.Reference.Seed ^ 7);
        return environment.HasSolver
            ? (await ScriptedPlay.PlayAsync(environment, task, instance, cancellationToken)).Transcript
            : await instance.BeginAsync(cancellationToken);
    }

    private static string FirstDifference(string one, string other)
    {
        var (left, right) = (one.Split('\n'), other.Split('\n'));
        var place = Enumerable.Range(0, Math.Min(left.Length, right.Length)).FirstOrDefault(index => left[index] != right[index], -1);
        return place < 0 ? $"{left.Length} lines against {right.Length}" : $"'{left[place]}' against '{right[place]}'";
    }

    private static ExaminationFinding Differs(FormattableString detail) => ExaminationFinding.Failed(
        Name, detail, "Draw everything from the seed (SeededRandom); use no clock, no shared state, no order of a hash table.");
}
