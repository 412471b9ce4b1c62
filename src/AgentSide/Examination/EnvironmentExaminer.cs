using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Examination.Checks;
using Forge.Core.Ring;

namespace Forge.AgentSide.Examination;

/// <summary>Holds an environment to what docs/environments.md promises: <c>forge env test</c>, and the tests of environments of users.</summary>
public static class EnvironmentExaminer
{
    private const string NoPlayer = "the environment has no scripted player";

    // Bad calls are the same for every task; a leak in their answers shows in few.
    private const int MostTasksForBadCalls = 50;

    /// <param name="create">Makes the environment; called several times, each of which must give the same.</param>
    /// <param name="options">How much to look at.</param>
    /// <param name="cancellationToken">Ends the examination.</param>
    public static async Task<ExaminationReport> ExamineAsync(Func<IEnvironment> create, ExaminationOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Tasks, ExaminationOptions.FewestTasks, nameof(options.Tasks));
        var examined = new ExaminedEnvironment(create, options);
        var findings = ImmutableArray.CreateBuilder<ExaminationFinding>();
        findings.Add(await DeterminismCheck.RunAsync(examined, cancellationToken));
        findings.Add(SplitCheck.Run(examined));
        var costs = ImmutableArray.CreateBuilder<LevelCost>();
        foreach (var level in examined.Environment.Levels)
        {
            if (examined.Environment.HasSolver)
            {
                costs.Add(await ExamineLevelAsync(examined, level, findings, cancellationToken));
            }
            else
            {
                ImmutableArray<EnvironmentTask> tasks = [.. examined.Tasks(TaskSplit.Train, level).Take(MostTasksForBadCalls)];
                findings.Add((await BadCallCheck.RunAsync(examined.Environment, tasks, cancellationToken)).Finding);
                findings.Add(ExaminationFinding.Skipped("rewards", NoPlayer));
                findings.Add(ExaminationFinding.Skipped("leaks", NoPlayer));
            }
        }

        return new ExaminationReport(examined.Environment.Name, Merged(findings), costs.ToImmutable());
    }

    private static async Task<LevelCost> ExamineLevelAsync(
        ExaminedEnvironment examined, int level, ImmutableArray<ExaminationFinding>.Builder findings, CancellationToken cancellationToken)
    {
        var environment = examined.Environment;
        var (plays, cost) = await ScriptedPlays.OfLevelAsync(examined, level, cancellationToken);
        ImmutableArray<EnvironmentTask> tasks = [.. plays.Take(MostTasksForBadCalls).Select(play => play.Task)];
        var (badCalls, said) = await BadCallCheck.RunAsync(environment, tasks, cancellationToken);
        findings.Add(badCalls);
        findings.Add(await RewardCheck.RunAsync(environment, plays, cancellationToken));
        findings.Add(LeakCheck.Run(environment, plays, [.. said, .. Enumerable.Repeat("", said.IsEmpty ? 0 : plays.Length - said.Length)]));
        return cost;
    }

    // One finding a check: the first level that failed speaks, else the last level.
    private static ImmutableArray<ExaminationFinding> Merged(IEnumerable<ExaminationFinding> findings)
        => [.. findings.GroupBy(finding => finding.Check).Select(same => same.FirstOrDefault(finding => finding.Verdict == ExaminationVerdict.Failed) ?? same.Last())];
}
