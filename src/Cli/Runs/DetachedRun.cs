using System.Diagnostics;
using Forge.Core.Faults;
using Forge.Hosting.Faults;
using Forge.Hosting.Services;
using Forge.Hosting.Supervision;

namespace Forge.Cli.Runs;

/// <summary>Starts a supervisor that goes on without this terminal.</summary>
internal static class DetachedRun
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    /// <summary>Returns when every process of the run has started.</summary>
    /// <exception cref="ForgeException">The supervisor ended, or took too long.</exception>
    public static async Task<ExitCode> StartAsync(string folder)
    {
        var processes = new RunProcesses(folder);
        var output = processes.OutputFile(RunProcesses.Supervisor);
        File.Delete(processes.StatusFile);
        using var supervisor = Process.Start("setsid", [
            "sh", "-c", "exec \"$@\" >> \"$0\" 2>&1 < /dev/null", output, .. DistributedRun.Forge("resume", "--run-dir", folder)]);
        using var limit = new CancellationTokenSource(StartLimit);
        var expected = Enum.GetValues<ServiceName>().Length;
        while (processes.ReadStatus() is not { } status || status.Processes.Count(process => process.State == ProcessState.Running) < expected)
        {
            if (supervisor.HasExited || limit.IsCancellationRequested)
            {
                var words = File.Exists(output) ? string.Join('\n', File.ReadLines(output).TakeLast(5)) : "";
                throw new ForgeException($"The run did not come up: {words}\nMore is in {output}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
        }

        Console.WriteLine($"The run is up in {folder} (supervisor: process {processes.Supervising?.Id}).");
        Console.WriteLine($"  ./forge status --run-dir {folder}     ./forge logs -f --run-dir {folder}     ./forge stop --run-dir {folder}");
        return ExitCode.Success;
    }
}
