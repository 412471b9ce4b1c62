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
/// <param name="Expired">Groups consumed as failed because they were the head beyond their deadline.</param>
/// <param name="LateResults">Completions and results that arrived for a group already given up.</param>
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
    long LateResults);
