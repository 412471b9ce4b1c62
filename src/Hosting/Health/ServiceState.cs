namespace Forge.Hosting.Health;

/// <summary>Holds the phase of this process's service. Safe for use by many threads.</summary>
public sealed class ServiceState : IDisposable
{
    private readonly CancellationTokenSource _draining = new();
    private int _phase = (int)ServicePhase.Starting;

    public ServiceState() => Draining = _draining.Token;

    public ServicePhase Phase => (ServicePhase)Volatile.Read(ref _phase);

    /// <summary>Cancelled when the service is asked to end: whoever starts new work stops starting it.</summary>
    public CancellationToken Draining { get; }

    public void Dispose() => _draining.Dispose();

    /// <summary>Moves on; a phase that lies behind is kept out.</summary>
    internal void Enter(ServicePhase phase)
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _phase);
            if (seen >= (int)phase)
            {
                return;
            }
        }
        while (Interlocked.CompareExchange(ref _phase, (int)phase, seen) != seen);

        if (phase >= ServicePhase.Draining)
        {
            _draining.Cancel();
        }
    }
}
