using System.Collections.Immutable;
using System.Diagnostics;
using Forge.AgentSide.Environments;
using Forge.Core.Ring;

namespace Forge.AgentSide.Examination;

/// <summary>Plays train tasks of each level once, and measures what that costs.</summary>
internal static class ScriptedPlays
{
    public static async Task<(ImmutableArray<ScriptedPlay> Plays, LevelCost Cost)> OfLevelAsync(
        ExaminedEnvironment examined, int level, CancellationToken cancellationToken)
    {
        var environment = examined.Environment;
        var tasks = examined.Tasks(TaskSplit.Train, level).ToList();
        await PlayAsync(environment, tasks[0], cancellationToken);
        var plays = ImmutableArray.CreateBuilder<ScriptedPlay>(tasks.Count);
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var started = Stopwatch.GetTimestamp();
        foreach (var task in tasks)
        {
            plays.Add(await PlayAsync(environment, task, cancellationToken));
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        var turns = plays.Sum(play => play.Messages.Length);
        var cost = new LevelCost(
            level, tasks.Count, (double)turns / tasks.Count, (double)plays.Sum(play => play.Calls) / tasks.Count,
            (double)bytes / turns, elapsed.TotalMicroseconds / turns);
        return (plays.ToImmutable(), cost);
    }

    private static async Task<ScriptedPlay> PlayAsync(IEnvironment environment, EnvironmentTask task, CancellationToken cancellationToken)
    {
        using var instance = environment.Open(task, task.Reference.Seed ^ 3);
        return await ScriptedPlay.PlayAsync(environment, task, instance, cancellationToken);
    }
}
