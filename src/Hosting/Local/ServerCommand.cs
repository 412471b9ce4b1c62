using System.ComponentModel;
using System.Diagnostics;
using Forge.Core.Faults;

namespace Forge.Hosting.Local;

/// <summary>Runs one program to its end and keeps what it said.</summary>
internal static class ServerCommand
{
    /// <exception cref="ForgeException">The program is absent or took longer than allowed.</exception>
    public static async Task<ServerCommandResult> RunAsync(IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var process = Start(command);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return new ServerCommandResult(process.ExitCode, (await output + await error).Trim());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new ForgeException($"'{string.Join(' ', command)}' took longer than {limit}. Is the machine overloaded or the disk full?");
        }
    }

    /// <exception cref="ForgeException">The program is absent, took longer than allowed, or failed.</exception>
    public static async Task RequireAsync(IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellationToken)
    {
        var result = await RunAsync(command, limit, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new ForgeException($"'{string.Join(' ', command)}' failed with code {result.ExitCode}: {result.Output}");
        }
    }

    private static Process Start(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            // Servers outlive the folder that this process happens to stand in, and their accounts may not enter it.
            WorkingDirectory = "/",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception fault)
        {
            throw new ForgeException($"'{command[0]}' can't be run ({fault.Message}). Install it, or put it in PATH.", fault);
        }
    }
}
