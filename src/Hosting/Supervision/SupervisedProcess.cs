using System.Collections.Immutable;
using System.Diagnostics;
using Forge.Core.Faults;

namespace Forge.Hosting.Supervision;

/// <summary>A program of ours as a process that outlives its supervisor, and that a later supervisor finds again.</summary>
/// <remarks>
/// It gets a session of its own, so that Ctrl-C reaches the supervisor alone, and writes its output to a file instead of a pipe. A shell writes
/// the process id and start time before it becomes the program, so that there is no moment at which the process runs unrecorded.
/// </remarks>
/// <param name="folder">The run's.</param>
/// <param name="name">Such as <c>gateway</c>.</param>
/// <param name="command">The program and its arguments.</param>
/// <param name="answers">Asks it for its health; null takes it for well as long as it runs.</param>
/// <param name="time">Paces waiting.</param>
public sealed class SupervisedProcess(
    RunProcesses folder, string name, ImmutableArray<string> command, Func<CancellationToken, Task<bool>>? answers, TimeProvider time) : ISupervised
{
    private const string Script = """
        read -r stat < /proc/$$/stat
        set -f; pid_file=$1 output=$2; shift 2
        start=$(echo "${stat##*) }" | cut -d' ' -f20)
        echo "$$ $start" > "$pid_file.new" && mv "$pid_file.new" "$pid_file" && exec "$@" >> "$output" 2>&1 < /dev/null
        """;

    // A process that is gone for everybody else is collected by the runtime a moment later.
    private static readonly TimeSpan Collection = TimeSpan.FromSeconds(5);

    private Process? _process;

    public string Name => name;

    public int? ProcessId => ProcessIdentity.FromFile(folder.PidFile(name))?.Id;

    public int? ExitCode => ProcessId is null && _process is { } own && own.WaitForExit(Collection) ? own.ExitCode : null;

    public bool HasFinished => File.Exists(folder.FinishedFile(name));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (ProcessId is not null)
        {
            return;
        }

        File.Delete(folder.PidFile(name));
        File.Delete(folder.FinishedFile(name));
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", Script, "sh", folder.PidFile(name), folder.OutputFile(name), .. command])
        {
            UseShellExecute = false,
            RedirectStandardInput = false,
        }) ?? throw new ForgeException($"'{name}' could not be started.");
        while (!_process.HasExited && ProcessId is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancellationToken);
        }
    }

    public Task<bool> AnswersAsync(CancellationToken cancellationToken) => answers?.Invoke(cancellationToken) ?? Task.FromResult(true);

    public void Kill() => ProcessIdentity.FromFile(folder.PidFile(name))?.Signal(Signals.Kill);

    public async Task<bool> StopAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (ProcessIdentity.FromFile(folder.PidFile(name)) is not { } process)
        {
            return true;
        }

        process.Signal(Signals.Terminate);
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await process.GoneAsync(time, either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            process.Signal(Signals.Kill);
            await process.GoneAsync(time, CancellationToken.None);
            return false;
        }
    }
}
