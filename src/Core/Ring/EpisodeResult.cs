using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>How one episode ended and what it earned; posted once, after its last completion was recorded.</summary>
public sealed record EpisodeResult
{
    public required EpisodeId Episode { get; init; }

    public required EpisodeStatus Status { get; init; }

    /// <summary>A short machine-readable cause, such as <c>final_answer</c>, <c>max_turns</c> or <c>max_tokens</c>.</summary>
    public required string EndCause { get; init; }

    /// <summary>True when the verifier accepts the outcome.</summary>
    public required bool Success { get; init; }

    /// <summary>Aligned to the episode's completions.</summary>
    public required ImmutableArray<StepReward> Rewards { get; init; }

    public required int ToolCalls { get; init; }

    public required int ToolErrors { get; init; }

    public required TimeSpan Elapsed { get; init; }

    /// <summary>The final answer, the failure's message, or empty; for people, never executed.</summary>
    public string Detail { get; init; } = "";
}
