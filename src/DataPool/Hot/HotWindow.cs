using System.Collections.Immutable;
using Forge.Core.Ports;

namespace Forge.DataPool.Hot;

/// <summary>The pool at one moment, as other processes may see it.</summary>
/// <param name="At">When it was written.</param>
/// <param name="Status">The window's figures.</param>
/// <param name="Staleness">The lags.</param>
/// <param name="Leases">The tickets that are out, oldest first.</param>
public sealed record HotWindow(DateTimeOffset At, WindowStatus Status, StalenessStatus Staleness, ImmutableArray<HotLease> Leases);
