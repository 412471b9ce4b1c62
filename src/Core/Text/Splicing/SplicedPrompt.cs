using System.Collections.Immutable;
using Forge.Core.Chat;

namespace Forge.Core.Text.Splicing;

/// <summary>The prompt of one call, and how much of it was taken over instead of tokenised.</summary>
public sealed record SplicedPrompt
{
    public required ImmutableArray<ChatMessage> Messages { get; init; }

    public required ImmutableArray<ToolDefinition> Tools { get; init; }

    public required ImmutableArray<int> Ids { get; init; }

    /// <summary>Leading tokens taken over from an earlier call, as the model saw and generated them.</summary>
    public required int SplicedTokens { get; init; }

    /// <summary>Position of this call within its session, from 0.</summary>
    public required int Turn { get; init; }

    /// <summary>True when the session had calls and this one doesn't go on from the latest: a new branch of it.</summary>
    public required bool Branches { get; init; }

    /// <summary>
    /// Tokens that the model generated earlier in the session and that this prompt shows as text tokenised anew, because the history
    /// before them was rewritten.
    /// </summary>
    public required int RetokenisedTokens { get; init; }
}
