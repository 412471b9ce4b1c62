using System.CommandLine;
using Forge.Cli.Composition;
using Forge.Cli.Display;
using Forge.Cli.Runs;
using Forge.Cli.Terminal;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Runs;
using Forge.Hosting.Services;
using Forge.Hosting.Tracing;

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
        var replay = new ReplaySwitches().AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            var (runDirectory, isResumed, output) = (parsed.GetValue(switches.RunDir), parsed.GetValue(resume), switches.Output(parsed));
            var request = replay.Request(parsed, runDirectory);
            var run = Load(parsed, switches, request?.Source, isResumed, parsed.GetValue(steps));
            return RunRequest.WasDryRun(parsed, switches, run) ? 0
                : request is null ? await TrainAsync(run, runDirectory, isResumed, output)
                : await ReplayAsync(run, runDirectory, isResumed, output, request);
        });
        return command;
    }

    private static RunFile Load(ParseResult parsed, RunSwitches switches, ReplaySource? recorded, bool resume, long? steps)
    {
        if (!resume)
        {
            return RunRequest.Load(parsed, switches, recorded?.RunFile ?? DefaultRunFile, ("trainer.steps", steps));
        }

        if (parsed.GetValue(switches.Run) is { } given)
        {
            throw new UsageException($"--resume goes on with the run's own run.yaml; leave --run {given} out, and change single keys with --set.");
        }

        var folder = RunRequest.FolderToResume(parsed.GetValue(switches.RunDir), Path.GetFullPath(new RunOptions().Directory));
        RunDirectory.RequireRun(folder);
        return RunRequest.LoadFile(parsed, switches, Path.Combine(folder, "run.yaml"), ("trainer.steps", steps));
    }

    private static async Task<int> TrainAsync(RunFile run, string? runDirectory, bool resume, OutputMode output)
    {
        if (run.Section<ServicesOptions>().IsDistributed)
        {
            var folder = resume ? RunRequest.FolderToResume(runDirectory, RunRequest.Parent(run)) : DistributedRun.Prepare(run, runDirectory);
            return (int)await ForegroundRun.RunAsync(run, folder);
        }

        // What can't start leaves no folder behind.
        var policy = PolicyFolder.OpenFor(run);
        using var directory = Directory(run, runDirectory, resume);
        using var tracing = ServiceTracing.Start(run.Section<TelemetryOptions>(), "train", run.Section<RunOptions>().Name);
        using var display = TrainingDisplays.For(output, TimeProvider.System);
        using var interrupts = InterruptsFor(display);
        await using var session = await TrainingSession.OpenAsync(run, policy, directory, display, TimeProvider.System, interrupts.Requested);
        return Exit(await session.RunAsync(resume, interrupts.Requested));
    }

    private static async Task<int> ReplayAsync(RunFile run, string? runDirectory, bool resume, OutputMode output, ReplayRequest request)
    {
        await using var parts = await ReplayParts.OpenAsync(run, request, CancellationToken.None);
        using var directory = Directory(run, runDirectory, resume);
        using var display = TrainingDisplays.For(output, TimeProvider.System);
        using var interrupts = InterruptsFor(display);
        using var session = new ReplaySession(parts, directory, display, TimeProvider.System);
        return Exit(await session.RunAsync(resume, interrupts.Requested));
    }

    private static RunDirectory Directory(RunFile run, string? runDirectory, bool resume)
    {
        var parent = RunRequest.Parent(run);
        var directory = resume
            ? RunDirectory.Open(RunRequest.FolderToResume(runDirectory, parent))
            : RunDirectory.Create(runDirectory, parent, run.Section<RunOptions>().Name);
        RunDirectory.Write(directory.RunFile, run.Resolved);
        return directory;
    }

    private static Interrupts InterruptsFor(ITrainingDisplay display)
        => new(() => display.Note("Finishing the step, then saving; Ctrl-C again ends at once (the last checkpoint stays)."));

    private static int Exit(TrainingSummary summary) => (int)(summary.Finished ? ExitCode.Success : ExitCode.Interrupted);
}
