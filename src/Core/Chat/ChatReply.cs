using Forge.Core.Ring;

namespace Forge.Core.Chat;

/// <summary>The answer to one call, parsed.</summary>
public sealed record ChatReply
{
    public required CompletionId Completion { get; init; }

    /// <summary>The assistant's message, to be appended to the history as it is.</summary>
    public required ChatMessage Message { get; init; }

    public required FinishReason FinishReason { get; init; }

    /// <summary>True when the text held something that looks like a tool call but is not one (unclosed or broken tags).</summary>
    public required bool Malformed { get; init; }

    public required int PromptTokens { get; init; }

    public required int ResponseTokens { get; init; }
}
