using System.Diagnostics;

namespace Forge.TestKit;

/// <summary>
/// Runs a shell command when this process ends, however it ends (SIGKILL too): a shell in a session of its own waits for the end of
/// a pipe that only this process holds.
/// </summary>
public sealed class ProcessTether : IDisposable
{
    private readonly Process _shell;

    /// <param name="command">What the shell does in the end; <c>$1</c>, <c>$2</c>, … are the arguments.</param>
    /// <param name="arguments">Passed to the command untouched.</param>
    public ProcessTether(string command, params string[] arguments)
        => _shell = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", $"trap '' INT TERM HUP; cat >/dev/null; {command}", "tether", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    /// <summary>Runs the command now and waits for it.</summary>
    public void Dispose()
    {
        _shell.StandardInput.Close();
        _shell.WaitForExit();
        _shell.Dispose();
    }
}
