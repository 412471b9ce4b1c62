using System.CommandLine;
using Forge.Cli.Composition;
using Forge.Cli.Display;
using Forge.Cli.Terminal;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Runs;
using Forge.Hosting.Telemetry;
using Forge.Trainer;
using Spectre.Console;

namespace Forge.Cli.Verbs;

/// <summary><c>forge sft</c>: makes a base policy from demonstrations that an environment generates.</summary>
internal static class SftVerb
{
    private const string DefaultRunFile = "configs/base.yaml";

    public static Command Create()
    {
        var command = new Command("sft", "Trains a base policy from an environment's scripted demonstrations.");
        var switches = new RunSwitches().AddTo(command, hasRunDirectory: true);
        var steps = new Option<long?>("--steps") { Description = "Optimizer steps; shorthand for --set trainer.steps=N." };
        var from = new Option<string?>("--from")
        {
            Description = "Goes on from this checkpoint; default: fresh weights and a fresh tokenizer.",
            HelpName = "folder",
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Where the checkpoint goes; default: checkpoint/ in the run's folder.",
            HelpName = "folder",
        };
        foreach (var option in (Option[])[steps, from, output])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) =>
        {
            var run = RunRequest.Load(parsed, switches, DefaultRunFile, ("trainer.steps", parsed.GetValue(steps)));
            var places = new SftPlaces(parsed.GetValue(switches.RunDir), parsed.GetValue(from), parsed.GetValue(output));
            return Task.FromResult(RunRequest.WasDryRun(parsed, switches, run) ? 0 : Train(run, places, CommandLine(parsed), switches.Output(parsed)));
        });
        return command;
    }

    private static int Train(RunFile run, SftPlaces places, string command, OutputMode mode)
    {
        var time = TimeProvider.System;
        using var directory = RunDirectory.Create(places.RunDirectory, RunRequest.Parent(run), run.Section<RunOptions>().Name);
        RunDirectory.Write(directory.RunFile, run.Resolved);
        using var metrics = new MetricsJsonlWriter(directory.Metrics, time, null);
        using var tensorBoard = new TensorBoardEventWriter(directory.TensorBoard, time, 1);
        using var display = new SupervisedDisplay(mode, AnsiConsole.Console, Console.Out, run.Section<TrainerOptions>().Steps, time);
        using var interrupts = new Interrupts(() => display.Enter("finishing the step, then saving; Ctrl-C again ends at once"));
        var target = places.Output ?? Path.Combine(directory.Path, "checkpoint");
        var outcome = new SupervisedSession(run, new MetricsFanOut(metrics, tensorBoard), time)
            .Run(places.From, target, command, display.Enter, display.Stepped, interrupts.Requested);
        display.End(outcome, target);
        return (int)(interrupts.Requested.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Success);
    }

    private static string CommandLine(ParseResult parsed)
        => "./forge " + string.Join(' ', parsed.Tokens.Select(token => token.Value.Contains(' ', StringComparison.Ordinal) ? $"'{token.Value}'" : token.Value));

    private sealed record SftPlaces(string? RunDirectory, string? From, string? Output);
}
