using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>The answer to a <see cref="DispatchRequest"/>.</summary>
/// <param name="Ticket">What to run; null when the next index is another one than the request expected.</param>
/// <param name="Next">The dispatch index to choose a task for, and to ask with next.</param>
public sealed record DispatchReply(GroupTicket? Ticket, GroupId Next);
