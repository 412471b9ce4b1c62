using System.Collections.Immutable;

namespace Forge.Core.Chat;

/// <summary>
/// Compares messages by what a chat format renders of them. The ids that tie a result to its call are left out: a client may rename
/// them, and no prompt shows them.
/// </summary>
public sealed class RenderedMessageComparer : IEqualityComparer<ChatMessage>
{
    private RenderedMessageComparer()
    {
    }

    public static RenderedMessageComparer Instance { get; } = new();

    public bool Equals(ChatMessage? x, ChatMessage? y)
        => ReferenceEquals(x, y)
            || (x is not null && y is not null && x.Role == y.Role
                && x.Content == y.Content
                && (x.ReasoningContent ?? "") == (y.ReasoningContent ?? "")
                && SameParts(x.ContentParts, y.ContentParts)
                && SameCalls(x.ToolCalls, y.ToolCalls));

    public int GetHashCode(ChatMessage obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return HashCode.Combine(obj.Role, obj.Content, obj.ReasoningContent ?? "", obj.ToolCalls.Length);
    }

    /// <summary>True when the first messages of a conversation are exactly <paramref name="prefix"/>.</summary>
    public bool StartsWith(ImmutableArray<ChatMessage> messages, ImmutableArray<ChatMessage> prefix)
    {
        if (messages.Length < prefix.Length)
        {
            return false;
        }

        // From the end: rewritten histories mostly differ late.
        for (var index = prefix.Length - 1; index >= 0; index--)
        {
            if (!Equals(messages[index], prefix[index]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameParts(ImmutableArray<string>? x, ImmutableArray<string>? y)
        => (x is null && y is null) || (x is { } first && y is { } second && first.AsSpan().SequenceEqual(second.AsSpan()));

    private static bool SameCalls(ImmutableArray<ToolCall> x, ImmutableArray<ToolCall> y)
    {
        if (x.Length != y.Length)
        {
            return false;
        }

        for (var index = 0; index < x.Length; index++)
        {
            if (x[index].Name != y[index].Name || x[index].ArgumentsJson != y[index].ArgumentsJson)
            {
                return false;
            }
        }

        return true;
    }
}
