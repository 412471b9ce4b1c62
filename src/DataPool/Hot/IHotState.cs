namespace Forge.DataPool.Hot;

/// <summary>
/// Where a pool shows what it is doing: the window, who holds which ticket until when, and a wake-up with every change. Other processes look
/// at it, and a pool that starts again learns from it which leases live. It may forget everything at any moment, or be away: the pool
/// writes it whole each time, and without it only a lost lease takes longer to be noticed. Safe for concurrent calls.
/// </summary>
public interface IHotState : IAsyncDisposable
{
    /// <summary>Replaces what is shown and wakes all who wait. Returns false when it is away; the next write makes up for it.</summary>
    Task<bool> TryWriteAsync(HotWindow window, CancellationToken cancellationToken);

    /// <summary>What was written last; null when nothing was, when it was forgotten or grew old, or when the state is away.</summary>
    Task<HotWindow?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Waits for the next write, at most so long. Returns false when none came; look again then, since a wake-up may get lost.</summary>
    Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken);
}
