using System.CommandLine;
using Forge.Cli.Composition;
using Forge.Cli.Display;
using Forge.Cli.Terminal;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Runs;

namespace Forge.Cli.Verbs;

/// <summary><c>forge train</c>: runs the whole ring in this process until the policy is trained.</summary>
internal static class TrainVerb
{
    private const string DefaultRunFile = "configs/quickstart.yaml";

    public static Command Create()
    {
        var command = new Command("train", "Trains a policy by reinforcement learning and says what it learned.");
        var switches = new RunSwitches().AddTo(command, hasRunDirectory: true);
        var steps = new Option<long?>("--steps") { Description = "Optimizer steps; shorthand for --set trainer.steps=N." };
        var resume = new Option<bool>("--resume") { Description = "Goes on with the run in --run-dir, or with the newest one." };
        command.Options.Add(steps);
        command.Options.Add(resume);
        command.SetAction(async (parsed, _) =>
        {
            var run = Load(parsed, switches, parsed.GetValue(resume), parsed.GetValue(steps));
            return RunRequest.WasDryRun(parsed, switches, run)
                ? 0
                : await TrainAsync(run, parsed.GetValue(switches.RunDir), parsed.GetValue(resume), switches.Output(parsed));
        });
        return command;
    }

    private static RunFile Load(ParseResult parsed, RunSwitches switches, bool resume, long? steps)
    {
        if (!resume)
        {
            return RunRequest.Load(parsed, switches, DefaultRunFile, ("trainer.steps", steps));
        }

        if (parsed.GetValue(switches.Run) is { } file)
        {
            throw new UsageException($"--resume goes on with the run's own run.yaml; leave --run {file} out, and change single keys with --set.");
        }

        var folder = RunRequest.FolderToResume(parsed.GetValue(switches.RunDir), Path.GetFullPath(new RunOptions().Directory));
        RunDirectory.RequireRun(folder);
        return RunRequest.LoadFile(parsed, switches, Path.Combine(folder, "run.yaml"), ("trainer.steps", steps));
    }

    private static async Task<int> TrainAsync(RunFile run, string? runDirectory, bool resume, OutputMode output)
    {
        // What can't start leaves no folder behind.
        var policy = PolicyFolder.OpenFor(run);
        var parent = RunRequest.Parent(run);
        using var directory = resume
            ? RunDirectory.Open(RunRequest.FolderToResume(runDirectory, parent))
            : RunDirectory.Create(runDirectory, parent, run.Section<RunOptions>().Name);
        RunDirectory.Write(directory.RunFile, run.Resolved);
        using var display = TrainingDisplays.For(output, TimeProvider.System);
        using var interrupts = new Interrupts(
            () => display.Note("Finishing the step, then saving; Ctrl-C again ends at once (the last checkpoint stays)."));
        await using var session = await TrainingSession.OpenAsync(run, policy, directory, display, TimeProvider.System, interrupts.Requested);
        var summary = await session.RunAsync(resume, interrupts.Requested);
        return (int)(summary.Finished ? ExitCode.Success : ExitCode.Interrupted);
    }
}
