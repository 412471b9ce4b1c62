using Forge.Cli.Terminal;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Supervision;

namespace Forge.Cli.Runs;

/// <summary>Supervises in this process and tells every event and every step, a line each.</summary>
internal static class ForegroundRun
{
    public static async Task<ExitCode> RunAsync(RunFile run, string folder)
    {
        var now = TimeProvider.System;
        var lines = new Lock();
        void Say(string line)
        {
            lock (lines)
            {
                Console.WriteLine($"{now.GetLocalNow():HH:mm:ss} {line}");
            }
        }

        using var interrupts = new DoubleInterrupt(() => Say("Stopping the services in order; Ctrl-C again kills them."));
        using var told = new CancellationTokenSource();
        Say($"The run's folder is {folder}; Ctrl-C stops it, './forge resume --run-dir {folder}' goes on.");
        var steps = StepFollower.FollowAsync(Path.Combine(new RunProcesses(folder).Run, "metrics.jsonl"), Say, told.Token);
        try
        {
            return await DistributedRun.SuperviseAsync(run, folder, Say, interrupts.First, interrupts.Second);
        }
        finally
        {
            await told.CancelAsync();
            await steps;
        }
    }
}
