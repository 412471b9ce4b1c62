using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Forge.Hosting.Injection;

/// <summary>Faults that a process makes in its own calls, to prove that a run stands them. Section <c>faults</c>; all off by default.</summary>
public sealed class FaultOptions
{
    /// <summary>The same seed makes the same faults in the same calls of each method.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Share of calls that are never answered: they end at their deadline.</summary>
    [Range(0.0, 1.0)]
    public double Drop { get; init; }

    /// <summary>Share of calls that fail before they reach the service.</summary>
    [Range(0.0, 1.0)]
    public double ErrorBefore { get; init; }

    /// <summary>Share of calls that the service answers, and whose answer is lost; of a stream, the rest after some messages.</summary>
    [Range(0.0, 1.0)]
    public double ErrorAfter { get; init; }

    /// <summary>Share of calls that start late, whatever else happens to them.</summary>
    [Range(0.0, 1.0)]
    public double Delay { get; init; }

    /// <summary>The longest that one of them starts late.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Only calls whose full name (<c>/forge.v1.GatewayService/Complete</c>) contains one of these; empty means all.</summary>
    public ImmutableArray<string> Methods { get; init; } = [];

    public bool IsOn => Drop > 0 || ErrorBefore > 0 || ErrorAfter > 0 || Delay > 0;
}
