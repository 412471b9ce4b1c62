using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>The data pool, as the agent side sees it: admits groups in dispatch order.</summary>
public interface IGroupDispatcher
{
    /// <summary>
    /// Waits until one more group may be in flight (fewer than M dispatched and not yet trained, and the pacing for S allows it),
    /// gives it the next dispatch index, and keeps it. Groups whose lease a crash left behind come back first.
    /// </summary>
    /// <param name="nextTask">
    /// Called with the dispatch index of a new group to choose its task; it may ask another process. When it throws or is cancelled, no index is consumed.
    /// </param>
    /// <param name="episodes">Episodes per group, at least 1.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<GroupTicket> DispatchAsync(
        Func<GroupId, CancellationToken, ValueTask<TaskReference>> nextTask, int episodes, CancellationToken cancellationToken);
}
