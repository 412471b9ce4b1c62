using System.CommandLine;
using Forge.Cli.Composition;
using Forge.Cli.Runs;
using Forge.Core.Ring;
using Forge.DataPool.Sqlite;
using Forge.Hosting.Faults;
using Spectre.Console;

namespace Forge.Cli.Data;

/// <summary><c>forge data prune</c>: frees the space of old steps, never of what a checkpoint could need.</summary>
internal static class DataPruneVerb
{
    public static Command Create()
    {
        var command = new Command("prune", "Removes the tokens of groups that old steps trained; never what a checkpoint could need again.");
        var keep = new Option<long>("--keep-steps") { Description = "Newest steps to keep whole.", DefaultValueFactory = _ => 100 };
        var trial = new Option<bool>("--dry-run") { Description = "Only says what would go." };
        var json = DataVerb.Json();
        command.Options.Add(RunTarget.Option);
        command.Options.Add(keep);
        command.Options.Add(trial);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(keep) < 1)
            {
                throw new UsageException($"--keep-steps is {parsed.GetValue(keep)}; it must be at least 1.");
            }

            var folder = RunTarget.Of(parsed).Processes.Run;
            var (oldest, newest) = Checkpoints(folder);
            var last = Math.Max(0, Math.Min(oldest, newest - parsed.GetValue(keep)));
            var removed = PoolPruning.Prune(Path.Combine(folder, "pool.db"), new PolicyVersion(last), parsed.GetValue(trial));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(DataJson.Serialize(new { LastStep = last, Completions = removed, DryRun = parsed.GetValue(trial) }));
            }
            else
            {
                AnsiConsole.WriteLine(
                    $"{removed} completions of steps up to {last} {(parsed.GetValue(trial) ? "would go" : "are gone")} (the oldest checkpoint is of step {oldest}).");
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    // Without a checkpoint the run begins anew, from everything.
    private static (long Oldest, long Newest) Checkpoints(string folder)
    {
        var path = Path.Combine(folder, "checkpoints");
        var steps = Directory.Exists(path) ? Directory.EnumerateDirectories(path, "step-*").Select(CheckpointSteps.Of).Order().ToList() : [];
        return steps.Count == 0 ? (0, 0) : (steps[0], steps[^1]);
    }
}
