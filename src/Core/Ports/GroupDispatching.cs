using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>Asks for tickets until one comes.</summary>
public static class GroupDispatching
{
    /// <summary>Waits for one ticket of the worker inside the pool's process.</summary>
    /// <param name="dispatcher">The pool.</param>
    /// <param name="nextTask">Chooses the task of a new group by its dispatch index; the same index always gives the same task.</param>
    /// <param name="episodes">Episodes of a new group, at least 1.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static async Task<GroupTicket> DispatchAsync(
        this IGroupDispatcher dispatcher, Func<GroupId, TaskReference> nextTask, int episodes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dispatcher);
        ArgumentNullException.ThrowIfNull(nextTask);
        var request = new DispatchRequest(WorkerId.Local, [], episodes, default, nextTask(default));
        while (true)
        {
            var reply = await dispatcher.DispatchAsync(request, cancellationToken);
            if (reply.Ticket is { } ticket)
            {
                return ticket;
            }

            request = request with { Next = reply.Next, Task = nextTask(reply.Next) };
        }
    }
}
