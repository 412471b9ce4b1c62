using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Ring;
using Forge.Core.Text.Splicing;
using Forge.Gateway.Protocols;
using Forge.Gateway.Sessions;

namespace Forge.Gateway.Completions;

/// <summary>A call that was found to be in order, ready for the engine.</summary>
internal sealed record PreparedCall
{
    public required EpisodeSession Session { get; init; }

    public required ApiRequest Request { get; init; }

    /// <summary>With the beginning of the answer when the caller forces a tool.</summary>
    public required SplicedPrompt Prompt { get; init; }

    /// <summary>Those that the prompt shows.</summary>
    public required ImmutableArray<ToolDefinition> Tools { get; init; }

    /// <summary>Made on the side: a title, a summary.</summary>
    public required bool IsSide { get; init; }

    /// <summary>The beginning of the answer that the prompt already holds.</summary>
    public required string Forced { get; init; }

    public required SamplingParameters Sampling { get; init; }

    /// <summary>Tokens that the context has left for the answer.</summary>
    public required int Room { get; init; }

    public required int SharedPrefixLength { get; init; }
}
