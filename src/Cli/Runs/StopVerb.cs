using System.CommandLine;
using Forge.Core.Faults;
using Forge.Hosting.Faults;
using Forge.Hosting.Services;
using Forge.Hosting.Supervision;

namespace Forge.Cli.Runs;

/// <summary><c>forge stop</c>: ends a run in good order, so that <c>forge resume</c> goes on where it was.</summary>
internal static class StopVerb
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static Command Create()
    {
        var command = new Command("stop", "Ends a run in good order; 'forge resume' goes on with it.");
        command.Options.Add(RunTarget.Option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var target = RunTarget.Of(parsed);
            var process = target.IsDistributed ? target.Processes.Supervising : target.Processes.Training;
            if (process is { } running)
            {
                await EndAsync(running, target, cancellationToken);
                return (int)ExitCode.Success;
            }

            var orphans = target.IsDistributed && await EndOrphansAsync(target, cancellationToken);
            Console.WriteLine(orphans ? "Its supervisor was gone; the services that it left have ended." : $"The run in {target.Processes.Run} does not run.");
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static async Task EndAsync(ProcessIdentity process, RunTarget target, CancellationToken cancellationToken)
    {
        process.Signal(Signals.Terminate);
        Console.WriteLine($"Asked process {process.Id} to end; it finishes or hands back what is under way.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await process.GoneAsync(TimeProvider.System, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ForgeException(
                $"Process {process.Id} has not ended within {Limit.TotalMinutes} minutes. See 'forge logs --run-dir {target.Processes.Run}'; "
                + $"kill -9 {process.Id} loses nothing that was acknowledged.");
        }

        Console.WriteLine($"Ended. './forge resume --run-dir {target.Processes.Run}' goes on.");
    }

    private static async Task<bool> EndOrphansAsync(RunTarget target, CancellationToken cancellationToken)
    {
        var found = false;
        foreach (var process in DistributedRun.Processes(target.Run, target.Processes).Reverse().Where(process => process.ProcessId is not null))
        {
            found = true;
            await process.StopAsync(target.Run.Section<ServicesOptions>().DrainTimeout, cancellationToken);
            Console.WriteLine($"{process.Name} has ended.");
        }

        return found;
    }
}
