using System.Collections.Immutable;
using Forge.Core.Ring;

namespace Forge.Core.Chat;

/// <summary>One call of an agent: the whole conversation so far.</summary>
public sealed record ChatRequest
{
    public required EpisodeId Episode { get; init; }

    public required ImmutableArray<ChatMessage> Messages { get; init; }

    public ImmutableArray<ToolDefinition> Tools { get; init; } = [];

    /// <summary>How long the caller waits, null without a bound: who is at work for the call by then gives it up, and says so.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Stop token ids are the gateway's to add.</summary>
    public required SamplingParameters Sampling { get; init; }
}
