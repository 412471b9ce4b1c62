using System.Diagnostics;
using Forge.Core.Faults;

namespace Forge.Sandbox.Running;

/// <summary>
/// A started process with its streams: feeds the input, captures bounded output, and ends it when it writes too much, when the time is
/// over, and when the caller gives up.
/// </summary>
internal sealed class StartedProgram : IDisposable
{
    // What holds a stream open after the process has ended gets this long.
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly SandboxOptions _options;
    private readonly Action<Process> _stop;
    private readonly long _started = Stopwatch.GetTimestamp();
    private volatile bool _overflowed;

    private StartedProgram(Process process, SandboxOptions options, Action<Process> stop) => (_process, _options, _stop) = (process, options, stop);

    public bool Overflowed => _overflowed;

    public bool TimedOut { get; private set; }

    public bool Stopped { get; private set; }

    public int ExitCode => _process.ExitCode;

    public TimeSpan Duration { get; private set; }

    public CapturedOutput Output { get; private set; } = new(default, 0);

    public CapturedOutput Error { get; private set; } = new(default, 0);

    public static StartedProgram Start(
        IReadOnlyList<string> words, IReadOnlyDictionary<string, string> environment, string folder, SandboxOptions options, Action<Process> stop)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return new StartedProgram(Process.Start(start)!, options, stop);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new ForgeException($"'{words[0]}' cannot be started: {error.Message}", error);
        }
    }

    /// <summary>Waits for the end. After <paramref name="timeout"/> the process is stopped, and killed when it does not heed that.</summary>
    public async Task FinishAsync(SandboxCommand command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var kept = command.KeptOutputBytes ?? _options.KeptOutputBytes;
        var output = BoundedCapture.ReadAsync(_process.StandardOutput.BaseStream, kept, _options.OutputBytes, Overflow);
        var error = BoundedCapture.ReadAsync(_process.StandardError.BaseStream, kept, _options.OutputBytes, Overflow);
        var feeding = FeedAsync(command.Input);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, command.Stop);
        deadline.CancelAfter(timeout);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Stopped = command.Stop.IsCancellationRequested;
            TimedOut = !Stopped && !cancellationToken.IsCancellationRequested;
            await EndAsync();
        }

        Duration = Stopwatch.GetElapsedTime(_started);
        await DrainAsync(Task.WhenAll(feeding, output, error));
        Output = await output;
        Error = await error;
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose() => _process.Dispose();

    private void Overflow()
    {
        _overflowed = true;
        _stop(_process);
    }

    private async Task EndAsync()
    {
        _stop(_process);
        using var patience = new CancellationTokenSource(Afterwards);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    // Processes that were left behind may hold the streams: without them reading ends here and what was read stays.
    private async Task DrainAsync(Task streams)
    {
        try
        {
            await streams.WaitAsync(Afterwards);
        }
        catch (TimeoutException)
        {
            _process.StandardOutput.Close();
            _process.StandardError.Close();
        }
    }

    private async Task FeedAsync(ReadOnlyMemory<byte> input)
    {
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync(input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A program need not read what it is given.
        }
    }
}
