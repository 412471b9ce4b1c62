using Forge.Core.Ports;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Mapping;

/// <summary>Maps the pool's figures.</summary>
public static class PoolStatusMapping
{
    /// <summary>The figures of a source at this moment.</summary>
    public static Wire.PoolStatus ToWireStatus(this IBatchSource source)
        => new() { Window = source.Status.ToWire(), Staleness = source.Staleness.ToWire() };

    public static Wire.WindowStatus ToWire(this WindowStatus status) => new()
    {
        Head = status.Head,
        Dispatched = status.Dispatched,
        InFlight = status.InFlight,
        Running = status.Running,
        FinishedInWindow = status.FinishedInWindow,
        FinishedOutside = status.FinishedOutside,
        HeadAgeTicks = status.HeadAge.Ticks,
        BlockedTicks = status.BlockedTime.Ticks,
        Window = status.Window,
        Expired = status.Expired,
        LateResults = status.LateResults,
        Leases = status.Leases,
        LostLeases = status.LostLeases,
        DeadLetters = status.DeadLetters,
        Stall = status.Stall is { } stall
            ? new Wire.StallReport { Waiting = stall.Waiting, For = stall.For, SinceTicks = stall.Since.Ticks, Advice = stall.Advice }
            : null,
    };

    public static WindowStatus ToCore(this Wire.WindowStatus wire) => new(
        wire.Head, wire.Dispatched, wire.InFlight, wire.Running, wire.FinishedInWindow, wire.FinishedOutside,
        wire.HeadAgeTicks.ToTimeSpan(), wire.BlockedTicks.ToTimeSpan(), wire.Window, wire.Expired, wire.LateResults)
    {
        Leases = wire.Leases,
        LostLeases = wire.LostLeases,
        DeadLetters = wire.DeadLetters,
        Stall = wire.Stall is { } stall ? new StallReport(stall.Waiting, stall.For, stall.SinceTicks.ToTimeSpan(), stall.Advice) : null,
    };

    public static Wire.StalenessStatus ToWire(this StalenessStatus status) => new()
    {
        Version = status.Version,
        TrainedMean = status.TrainedMean,
        TrainedMax = status.TrainedMax,
        InFlightMean = status.InFlightMean,
        InFlightMax = status.InFlightMax,
        Paced = status.Paced,
    };

    public static StalenessStatus ToCore(this Wire.StalenessStatus wire)
        => new(wire.Version, wire.TrainedMean, wire.TrainedMax, wire.InFlightMean, wire.InFlightMax, wire.Paced);
}
