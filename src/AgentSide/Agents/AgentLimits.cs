using System.ComponentModel.DataAnnotations;

namespace Forge.AgentSide.Agents;

/// <summary>What one episode may use; the first limit that is reached ends it, and it is scored as it stands.</summary>
public sealed class AgentLimits
{
    /// <summary>Most calls of the model.</summary>
    [Range(1, 10_000)]
    public int MaxTurns { get; init; } = 16;

    /// <summary>Most tokens that the model may generate in the whole episode.</summary>
    [Range(1, 10_000_000)]
    public int MaxTokens { get; init; } = 512;

    /// <summary>Most tokens of one answer.</summary>
    [Range(1, 1_000_000)]
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>Most tool calls that one answer may make; further ones get an error as their result.</summary>
    [Range(1, 1000)]
    public int MaxParallelCalls { get; init; } = 8;

    /// <summary>How often an answer that holds a broken tool call is sent back before the episode ends.</summary>
    [Range(0, 100)]
    public int MaxMalformedTurns { get; init; } = 1;

    /// <summary>
    /// Most wall-clock time, tools and the engine's queue included. A service that is away or stuck when it passes is no limit: that episode broke.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}
