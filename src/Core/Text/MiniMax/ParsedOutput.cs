using System.Collections.Immutable;
using Forge.Core.Chat;

namespace Forge.Core.Text.MiniMax;

/// <summary>A response taken apart. Every text yields one; what is not understood stays in the content.</summary>
public sealed record ParsedOutput
{
    /// <summary>The thinking, without the newline before its end tag; empty when there was none.</summary>
    public required string Reasoning { get; init; }

    /// <summary>The visible text, without the newlines that the format puts between it and its neighbours.</summary>
    public required string Content { get; init; }

    /// <summary>The calls of every complete and well-formed block, in order. Only these may be executed.</summary>
    public required ImmutableArray<ToolCall> ToolCalls { get; init; }

    /// <summary>
    /// True when the text held something that looks like a tool call but is not quite one: a broken or unclosed block
    /// (its text is in the content), stray text inside a block, or call tags outside one. Calls inside thinking do not count.
    /// </summary>
    public required bool Malformed { get; init; }

    /// <summary>True when the text ended inside a tool-call block: nothing of that block is a call.</summary>
    public required bool Truncated { get; init; }

    /// <summary>False when the text ended inside the thinking.</summary>
    public required bool ThinkingClosed { get; init; }

    /// <summary>The message to append to the history.</summary>
    public ChatMessage ToMessage() => new()
    {
        Role = ChatRole.Assistant,
        Content = Content,
        ReasoningContent = Reasoning,
        ToolCalls = ToolCalls,
    };
}
