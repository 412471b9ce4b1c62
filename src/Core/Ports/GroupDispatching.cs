using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>Dispatches groups whose tasks are chosen without waiting.</summary>
public static class GroupDispatching
{
    /// <inheritdoc cref="IGroupDispatcher.DispatchAsync"/>
    public static Task<GroupTicket> DispatchAsync(
        this IGroupDispatcher dispatcher, Func<GroupId, TaskReference> nextTask, int episodes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dispatcher);
        return dispatcher.DispatchAsync((group, _) => ValueTask.FromResult(nextTask(group)), episodes, cancellationToken);
    }
}
