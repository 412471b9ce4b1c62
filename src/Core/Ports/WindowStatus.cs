namespace Forge.Core.Ports;

/// <summary>The windowed FIFO at one moment.</summary>
/// <param name="Head">Dispatch index of the oldest group not yet taken.</param>
/// <param name="Dispatched">Groups dispatched so far; the next dispatch index.</param>
/// <param name="InFlight">Groups dispatched and not yet trained or skipped.</param>
/// <param name="Running">Groups dispatched and not finished.</param>
/// <param name="FinishedInWindow">Finished groups that may be taken now.</param>
/// <param name="FinishedOutside">Finished groups that wait for the window to reach them.</param>
/// <param name="HeadAge">Since the head was dispatched.</param>
/// <param name="BlockedTime">Total time in which something was finished but nothing could be taken.</param>
/// <param name="Window">W, the window's span in dispatch slots.</param>
/// <param name="Expired">Groups consumed as failed: the head beyond its deadline, or an episode without attempts left.</param>
/// <param name="LateResults">Completions and results that were refused: a newer attempt took the place, or the group was given up.</param>
public sealed record WindowStatus(
    long Head,
    long Dispatched,
    int InFlight,
    int Running,
    int FinishedInWindow,
    int FinishedOutside,
    TimeSpan HeadAge,
    TimeSpan BlockedTime,
    int Window,
    long Expired,
    long LateResults)
{
    /// <summary>Tickets that workers hold.</summary>
    public int Leases { get; init; }

    /// <summary>Tickets whose lease passed without being renewed, since the pool was opened.</summary>
    public long LostLeases { get; init; }

    /// <summary>Groups given up because an episode used up its attempts.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Set when nothing has moved for a while.</summary>
    public StallReport? Stall { get; init; }
}
