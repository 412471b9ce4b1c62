using System.Collections.Immutable;
using System.Text.Json;

namespace Forge.Cli.Chaos;

/// <summary>What a run under faults kept of what was promised. Written as JSON in this order.</summary>
internal sealed record ChaosReport
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public required int Faults { get; init; }

    /// <summary>Completions and results that were acknowledged and are not in the ledger.</summary>
    public required int AckedLost { get; init; }

    public required int TrainedTwice { get; init; }

    /// <summary>Groups that were dispatched and that the ledger forgot, or that a step trained and the log lacks.</summary>
    public required int Skipped { get; init; }

    public required int OrderViolations { get; init; }

    public required int LogHoles { get; init; }

    /// <summary>The last step in the consumption log.</summary>
    public required long LastStep { get; init; }

    public required bool Ok { get; init; }

    /// <summary>Records of replaced attempts that were kept all the same.</summary>
    public required int StaleKept { get; init; }

    public required ulong Seed { get; init; }

    public required double Minutes { get; init; }

    public required double EverySeconds { get; init; }

    /// <summary>The step that was asked for.</summary>
    public required long Steps { get; init; }

    /// <summary>Seconds from the last fault's end to the run's.</summary>
    public required double SecondsToTheEnd { get; init; }

    public required ChaosCounts Counts { get; init; }

    public required ImmutableArray<InjectedFault> Injected { get; init; }

    /// <summary>Faults that could not be made here, and why.</summary>
    public required ImmutableArray<string> LeftOut { get; init; }

    /// <summary>Every violation in words.</summary>
    public required ImmutableArray<string> Findings { get; init; }

    /// <summary>Where the run, its logs and its history are.</summary>
    public required string Folder { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
