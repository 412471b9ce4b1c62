using System.CommandLine;
using System.Text.Json;
using Forge.Hosting.Faults;
using Forge.Hosting.Health;
using Forge.Trainer;
using Spectre.Console;

namespace Forge.Cli.Runs;

/// <summary><c>forge status</c>: how far a run is, what each service does, and, when it stalls, who waits for whom, since when, and what to do.</summary>
internal static class StatusVerb
{
    public static Command Create()
    {
        var command = new Command("status", "Says how far a run is, what its services do, and who waits for whom.");
        var json = new Option<bool>("--json") { Description = "One JSON object for machines." };
        command.Options.Add(RunTarget.Option);
        command.Options.Add(json);
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on with a line for every change of the data pool's window, until the run ends." };
        command.Options.Add(follow);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var target = RunTarget.Of(parsed);
            if (parsed.GetValue(follow))
            {
                await WindowFollower.FollowAsync(
                    target, line => Console.WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {line}"), cancellationToken);
                return (int)ExitCode.Success;
            }

            var report = await RunReport.GatherAsync(target, TimeProvider.System.GetUtcNow(), cancellationToken);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, ServiceStatus.Json));
            }
            else
            {
                Write(report, target);
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Write(RunReport report, RunTarget target)
    {
        Console.WriteLine($"{report.Run} in {report.Folder}: {(report.IsRunning ? "running" : "not running")}");
        var steps = target.Run.Section<TrainerOptions>().Steps;
        Console.WriteLine(report.LastStep is { } step
            ? $"  {StepFollower.Describe(step)} of {steps}, {Durations.Short(report.Now - StepFollower.TimeOf(step))} ago"
            : "  no step yet");
        Console.WriteLine();
        AnsiConsole.Write(PsVerb.TableOf(report.Processes, report.Now));
        Console.WriteLine();
        if (report.Window is { } window)
        {
            Console.WriteLine($"window: {window.Text} (from {window.Source})");
        }

        foreach (var line in report.Lines())
        {
            Console.WriteLine(line);
        }
    }
}
