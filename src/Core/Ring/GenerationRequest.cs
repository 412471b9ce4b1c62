using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>One call to the rollout engine.</summary>
public sealed record GenerationRequest
{
    public required CompletionId Id { get; init; }

    /// <summary>KV of this session's earlier calls is reused as far as the prompt ids agree with it.</summary>
    public required EpisodeId Session { get; init; }

    /// <summary>Position of the call within its session, from 0.</summary>
    public required int Turn { get; init; }

    public required ImmutableArray<int> PromptIds { get; init; }

    /// <summary>How many leading prompt tokens are shared by many sessions (system prompt and tools): prefilled once per version; 0 for none.</summary>
    public int SharedPrefixLength { get; init; }

    /// <summary>How long the caller waits, null without a bound: an engine that is at work for it by then gives it up, and says so.</summary>
    public TimeSpan? Patience { get; init; }

    public required SamplingParameters Sampling { get; init; }
}
