using System.ComponentModel;
using System.Diagnostics;
using Forge.Core.Faults;

namespace Forge.AgentSide.BlackBox.Programs;

/// <summary>
/// Runs programs as plain processes of this user: nothing keeps them from reading its files or from the network. At the end everything that
/// still carries the episode's mark in its environment is killed, daemons that left the process tree included.
/// </summary>
public sealed class ProcessRunner(TimeProvider time) : IProgramRunner
{
    // After the kill, pipes are empty and closed; who holds one open beyond that has taken off the mark.
    private static readonly TimeSpan PipesClose = TimeSpan.FromSeconds(5);

    public async Task<ProgramEnd> RunAsync(ProgramStart start, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(start);
        var mark = new ProcessMark(time);
        using var process = Start(start, mark);
        process.StandardInput.Close();
        var pumps = Task.WhenAll(
            BoundedOutput.CopyAsync(process.StandardOutput.BaseStream, start.OutputFile, start.MaxOutputBytes),
            BoundedOutput.CopyAsync(process.StandardError.BaseStream, start.ErrorFile, start.MaxOutputBytes));
        var exited = process.WaitForExitAsync(stop);
        await exited.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var wasStopped = exited.IsCanceled;
        if (wasStopped)
        {
            process.Kill(entireProcessTree: true);
        }

        await mark.KillAllAsync();
        await process.WaitForExitAsync(CancellationToken.None);
        await pumps.WaitAsync(PipesClose, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new ProgramEnd(wasStopped ? null : process.ExitCode, wasStopped);
    }

    private static Process Start(ProgramStart start, ProcessMark mark)
    {
        var name = ProgramPath.Find(start.Command[0], start.Variables.GetValueOrDefault("PATH", ""), start.WorkFolder);
        var info = new ProcessStartInfo(name, start.Command.Skip(1))
        {
            WorkingDirectory = start.WorkFolder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment.Clear();
        foreach (var (variable, value) in start.Variables)
        {
            info.Environment[variable] = value;
        }

        mark.PutOn(info);
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception fault)
        {
            throw new EnvironmentFaultException(
                $"'{start.Command[0]}' could not be started in {start.WorkFolder}: {fault.Message} Correct agent_side.program.command, or install it.", fault);
        }
    }
}
