using System.Collections.Immutable;

namespace Forge.Hosting.Supervision;

/// <summary>What a supervisor sees.</summary>
/// <param name="Time">When it last changed.</param>
/// <param name="Processes">In the order in which they start.</param>
/// <param name="End">Why supervision ended; null while it goes on.</param>
public sealed record SupervisorStatus(DateTimeOffset Time, ImmutableArray<ProcessStatus> Processes, string? End);
