using System.Collections.Immutable;

namespace Forge.Core.Chat;

/// <summary>One message of a conversation, in the terms of the OpenAI chat API.</summary>
public sealed record ChatMessage
{
    public required ChatRole Role { get; init; }

    /// <summary>The visible text; empty when there is none.</summary>
    public string Content { get; init; } = "";

    /// <summary>
    /// The text parts, when the content came as a list of parts; then <see cref="Content"/> is not looked at.
    /// Formats may render a list of one part differently from the same text as a string.
    /// </summary>
    public ImmutableArray<string>? ContentParts { get; init; }

    /// <summary>The assistant's thinking of this turn, kept in the history; null when there was none.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>The assistant's tool calls, in order.</summary>
    public ImmutableArray<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>For a tool message: which call it answers.</summary>
    public string? ToolCallId { get; init; }
}
