using System.CommandLine;
using System.Text.Json;
using Forge.Hosting.Faults;
using Forge.Hosting.Health;
using Forge.Hosting.Supervision;
using Spectre.Console;

namespace Forge.Cli.Runs;

/// <summary><c>forge ps</c>: the processes of a run.</summary>
internal static class PsVerb
{
    public static Command Create()
    {
        var command = new Command("ps", "Lists the processes of a run: which run, since when, how often they were started again.");
        var json = new Option<bool>("--json") { Description = "One JSON array for machines." };
        command.Options.Add(RunTarget.Option);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var rows = Rows(RunTarget.Of(parsed));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(rows, ServiceStatus.Json));
            }
            else
            {
                AnsiConsole.Write(TableOf(rows, TimeProvider.System.GetUtcNow()));
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    /// <summary>What the supervisor sees, corrected by what is alive now: a killed supervisor leaves an old picture behind.</summary>
    public static IReadOnlyList<ProcessStatus> Rows(RunTarget target)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (!target.IsDistributed)
        {
            var process = target.Processes.Training;
            var since = File.GetLastWriteTimeUtc(Path.Combine(target.Processes.Run, "run.pid"));
            return [new ProcessStatus("train", process is null ? ProcessState.Ended : ProcessState.Running, process?.Id, since, 0, null)];
        }

        var supervisor = target.Processes.Supervising;
        var known = target.Processes.ReadStatus()?.Processes.ToDictionary(process => process.Name) ?? [];
        var rows = DistributedRun.Processes(target.Run, target.Processes).Select(process =>
        {
            var row = known.GetValueOrDefault(process.Name) ?? new ProcessStatus(process.Name, ProcessState.Ended, null, now, 0, null);
            var alive = process.ProcessId;
            var seen = alive is not null ? ProcessState.Running
                : supervisor is not null && row.State != ProcessState.Ended ? ProcessState.Restarting
                : ProcessState.Ended;
            return row with { ProcessId = alive, State = seen };
        });
        var state = supervisor is null ? ProcessState.Ended : ProcessState.Running;
        return [new ProcessStatus(RunProcesses.Supervisor, state, supervisor?.Id, now, 0, target.Processes.ReadStatus()?.End), .. rows];
    }

    public static Table TableOf(IReadOnlyList<ProcessStatus> rows, DateTimeOffset now)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("PROCESS", "STATE", "PID", "SINCE", "RESTARTS", "LAST END");
        foreach (var row in rows)
        {
            table.AddRow(
                Markup.Escape(row.Name), row.State.ToString().ToLowerInvariant(), row.ProcessId?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-",
                row.Name == RunProcesses.Supervisor ? "" : Durations.Short(now - row.Since), $"{row.Restarts}", Markup.Escape(row.LastEnd ?? ""));
        }

        return table;
    }
}
