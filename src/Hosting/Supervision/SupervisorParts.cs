using System.Collections.Immutable;

namespace Forge.Hosting.Supervision;

/// <summary>What a supervisor looks after.</summary>
public sealed record SupervisorParts
{
    public required RunProcesses Folder { get; init; }

    /// <summary>In the order in which they start; they stop in the reverse order.</summary>
    public required ImmutableArray<ISupervised> Processes { get; init; }

    /// <summary>The process whose success is the end of the run; null runs until it is stopped.</summary>
    public required string? Goal { get; init; }

    /// <summary>How long each process may take to end.</summary>
    public required TimeSpan StopLimit { get; init; }

    /// <summary>Told everything worth a line.</summary>
    public required Action<string> Say { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
