using System.Runtime.InteropServices;
using Forge.Hosting.Faults;

namespace Forge.Cli.Terminal;

/// <summary>Turns the first Ctrl-C (or SIGTERM) into a request to stop in good order, and the second into the end.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action _onFirst;
    private int _signals;

    /// <param name="onFirst">Tells the user that the request was understood.</param>
    public Interrupts(Action onFirst)
    {
        _onFirst = onFirst;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Requested => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void Handle(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
        {
            // A live display may have hidden the cursor.
            Console.Error.Write(Console.IsErrorRedirected ? "" : "\e[?25h");
            Environment.Exit((int)ExitCode.Interrupted);
        }

        _onFirst();
        _stop.Cancel();
    }
}
