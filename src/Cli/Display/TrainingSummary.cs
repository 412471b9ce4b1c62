using Forge.Core.Ring;

namespace Forge.Cli.Display;

/// <summary>What a run came to; <see cref="SummaryJson"/> writes it to <c>summary.json</c>.</summary>
internal sealed record TrainingSummary
{
    public required TrainingFacts Facts { get; init; }

    /// <summary>False when the user stopped it before its last step.</summary>
    public required bool Finished { get; init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    public required long Steps { get; init; }

    /// <summary>Episodes that finished in the whole run.</summary>
    public required long Episodes { get; init; }

    /// <summary>Response tokens that the loss was taken on, in the whole run.</summary>
    public required long TrainedTokens { get; init; }

    /// <summary>Of this start or resume, evaluations included.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The held-out evaluation of the starting policy.</summary>
    public required EvaluationReport? Before { get; init; }

    /// <summary>The newest held-out evaluation.</summary>
    public required EvaluationReport? After { get; init; }

    /// <summary>Folder of the newest checkpoint.</summary>
    public required string? Checkpoint { get; init; }

    /// <summary>Goes on where this run stopped.</summary>
    public required string ResumeCommand { get; init; }
}
