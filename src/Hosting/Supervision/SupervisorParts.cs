using System.Collections.Immutable;

namespace Forge.Hosting.Supervision;

/// <summary>What a supervisor looks after.</summary>
public sealed record SupervisorParts
{
    public required RunProcesses Folder { get; init; }

    /// <summary>In the order in which they start; they stop in the reverse order.</summary>
    public required ImmutableArray<ISupervised> Processes { get; init; }

    /// <summary>The process that ends the run when it has finished; null runs until it is stopped.</summary>
    public required string? Goal { get; init; }

    /// <summary>How long each process may take to end.</summary>
    public required TimeSpan StopLimit { get; init; }

    /// <summary>How long a process may not answer before it is killed and started again; zero never does that.</summary>
    public TimeSpan HangAfter { get; init; }

    /// <summary>Told everything worth a line.</summary>
    public required Action<string> Say { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
