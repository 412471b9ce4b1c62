using System.Collections.Immutable;
using Forge.Core.Ports;

namespace Forge.DataPool.Hot;

/// <summary>The pool at one moment, as other processes may see it.</summary>
/// <param name="At">When it was written.</param>
/// <param name="Status">The window's figures.</param>
/// <param name="Staleness">The lags.</param>
/// <param name="Leases">The tickets that are out, oldest first.</param>
public sealed record HotWindow(DateTimeOffset At, WindowStatus Status, StalenessStatus Staleness, ImmutableArray<HotLease> Leases)
{
    /// <summary>The highest token of a lease that was ever held: of those up to it, the ones that are not among <see cref="Leases"/> have ended.</summary>
    public long LastLease { get; init; }

    /// <summary>Whether a lease had ended by then; false for one that came later.</summary>
    public bool HasEnded(long token) => token <= LastLease && Leases.All(lease => lease.Token != token);

    /// <summary>One line for a person.</summary>
    public string Describe()
    {
        var window = $"head {Status.Head} of {Status.Dispatched} dispatched, window {Status.Window}";
        var groups = $"{Status.InFlight} in flight ({Status.Running} running, {Status.FinishedInWindow} ready, {Status.FinishedOutside} beyond the window)";
        return $"{window}; {groups}; {Leases.Length} tickets out; version {Staleness.Version}";
    }
}

