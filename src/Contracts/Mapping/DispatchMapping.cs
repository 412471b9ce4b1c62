using Forge.Core.Ports;
using Forge.Core.Ring;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Mapping;

/// <summary>Maps what the agent side asks the data pool for tickets.</summary>
public static class DispatchMapping
{
    public static Wire.DispatchRequest ToWire(this DispatchRequest request, TimeSpan wait) => new()
    {
        Worker = request.Worker.Value,
        Held = { request.Held },
        Episodes = request.Episodes,
        Next = request.Next.Value,
        Task = request.Task.ToWire(),
        WaitTicks = wait.Ticks,
    };

    /// <exception cref="InvalidDataException">The message is not whole.</exception>
    public static DispatchRequest ToCore(this Wire.DispatchRequest wire) => new(
        new WorkerId(wire.Worker),
        [.. wire.Held],
        wire.Episodes,
        new GroupId(wire.Next),
        WireFields.Required(wire.Task, "task of a dispatch").ToCore());

    public static Wire.DispatchResponse ToWire(this DispatchReply reply)
        => new() { Ticket = reply.Ticket?.ToWire(), Next = reply.Next.Value };

    /// <exception cref="InvalidDataException">The message is not whole.</exception>
    public static DispatchReply ToCore(this Wire.DispatchResponse wire) => new(wire.Ticket?.ToCore(), new GroupId(wire.Next));
}
