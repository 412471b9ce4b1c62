using System.Runtime.InteropServices;

namespace Forge.Cli.Terminal;

/// <summary>Two requests to stop: the first Ctrl-C (or SIGTERM) asks for an orderly end, the second for one at once, which is still an end and no escape.</summary>
internal sealed class DoubleInterrupt : IDisposable
{
    private readonly CancellationTokenSource _first = new();
    private readonly CancellationTokenSource _second = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action _onFirst;
    private int _signals;

    /// <param name="onFirst">Tells the user that the request was understood.</param>
    public DoubleInterrupt(Action onFirst)
    {
        _onFirst = onFirst;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
    }

    public CancellationToken First => _first.Token;

    public CancellationToken Second => _second.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _first.Dispose();
        _second.Dispose();
    }

    private void Handle(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
        {
            _second.Cancel();
            return;
        }

        _onFirst();
        _first.Cancel();
    }
}
