using System.Diagnostics;

namespace Forge.TestKit;

/// <summary>Runs the built command line as a process of its own, the way a user does. It ends with the test, whatever becomes of that.</summary>
public sealed class ForgeProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _error;

    private ForgeProcess(Process process) => (_process, _error) = (process, process.StandardError.ReadToEndAsync());

    /// <summary>The lines that were not read yet.</summary>
    public StreamReader Output => _process.StandardOutput;

    /// <param name="folder">Where the process stands.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<ForgeResult> RunAsync(string folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        return await process.EndAsync();
    }

    public static ForgeProcess Start(string folder, params string[] arguments)
        => new(Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "forge.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!);

    /// <summary>Waits until the process ends by itself.</summary>
    public async Task<ForgeResult> EndAsync()
    {
        _process.StandardInput.Close();
        var output = await Output.ReadToEndAsync().ProcessTimeout();
        await _process.WaitForExitAsync().ProcessTimeout();
        return new ForgeResult(_process.ExitCode, output, await _error.ProcessTimeout());
    }

    /// <summary>What the process wrote to its error stream, once it has ended.</summary>
    public Task<string> ErrorAsync() => _error.ProcessTimeout();

    /// <summary>Asks for an orderly end, as Ctrl+C does.</summary>
    public void Interrupt() => Signal("INT");

    /// <summary>Asks for an orderly end, as a supervisor or a node that is drained does.</summary>
    public void Terminate() => Signal("TERM");

    /// <summary>Ends the process and its children at once (SIGKILL) and waits until they are gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().ProcessTimeout();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{name} {_process.Id}"]);
        kill.WaitForExit();
    }
}
