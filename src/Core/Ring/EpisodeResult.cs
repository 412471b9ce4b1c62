using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>How one episode ended and what it earned; posted once, after its last completion was recorded.</summary>
public sealed record EpisodeResult
{
    public required EpisodeId Episode { get; init; }

    public required EpisodeStatus Status { get; init; }

    /// <summary>Whose fault a bad end was; follows from the status, so that the two never contradict each other.</summary>
    public FailureKind Failure => Status switch
    {
        EpisodeStatus.AgentFailure => FailureKind.Agent,
        EpisodeStatus.EnvironmentFailure => FailureKind.Environment,
        EpisodeStatus.InfrastructureFailure or EpisodeStatus.Expired => FailureKind.Infrastructure,
        _ => FailureKind.None,
    };

    /// <summary>True when the episode says nothing about the policy: it is played again, and never scored or trained on.</summary>
    public bool IsBroken => Failure is FailureKind.Infrastructure or FailureKind.Environment;

    /// <summary>A short machine-readable cause, such as <c>final_answer</c>, <c>max_turns</c> or <c>max_tokens</c>.</summary>
    public required string EndCause { get; init; }

    /// <summary>True when the verifier accepts the outcome.</summary>
    public required bool Success { get; init; }

    /// <summary>Aligned to the episode's completions; empty when it is broken.</summary>
    public required ImmutableArray<StepReward> Rewards { get; init; }

    public required int ToolCalls { get; init; }

    public required int ToolErrors { get; init; }

    public required TimeSpan Elapsed { get; init; }

    /// <summary>The final answer, the failure's message, or empty; for people, never executed.</summary>
    public string Detail { get; init; } = "";
}
