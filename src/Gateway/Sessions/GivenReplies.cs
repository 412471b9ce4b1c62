using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Chat;

namespace Forge.Gateway.Sessions;

/// <summary>
/// Knows a session's own answers again in a history that a client wrote in its way: text as one part, nothing for empty, arguments
/// formatted anew, thinking or text left out beside calls. What is known again is put back exactly as it was given.
/// </summary>
internal sealed class GivenReplies
{
    private readonly Dictionary<string, ChatMessage> _byCall = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ChatMessage>> _byText = new(StringComparer.Ordinal);

    public void Add(ChatMessage reply)
    {
        foreach (var call in reply.ToolCalls)
        {
            _byCall[call.Id] = reply;
        }

        var key = KeyOf(reply);
        if (!_byText.TryGetValue(key, out var same))
        {
            _byText[key] = same = [];
        }

        same.Add(reply);
    }

    /// <summary>The history with everything that is known again put right.</summary>
    public ImmutableArray<ChatMessage> Restore(ImmutableArray<ChatMessage> messages, bool reattachReasoning)
    {
        var restored = ImmutableArray.CreateBuilder<ChatMessage>(messages.Length);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            var plain = Plain(message);
            restored.Add(plain.Role == ChatRole.Assistant ? Find(plain, seen, reattachReasoning) ?? plain : plain);
        }

        return restored.MoveToImmutable();
    }

    public static string TextOf(ChatMessage message) => message.ContentParts is { } parts ? string.Concat(parts) : message.Content;

    private static ChatMessage Plain(ChatMessage message)
        => message.ContentParts is { } parts && (parts.Length < 2 || message.Role == ChatRole.Assistant)
            ? message with { Content = string.Concat(parts), ContentParts = null }
            : message;

    private ChatMessage? Find(ChatMessage shown, Dictionary<string, int> seen, bool reattachReasoning)
    {
        if (shown.ToolCalls is [var call, ..] && _byCall.TryGetValue(call.Id, out var reply)
            && (shown.Content.Length == 0 || shown.Content.Trim() == reply.Content.Trim())
            && CallsOf(shown) == CallsOf(reply) && SameThinking(shown, reply, reattachReasoning))
        {
            return reply;
        }

        var key = KeyOf(shown);
        if (!_byText.TryGetValue(key, out var candidates))
        {
            return null;
        }

        // Answers that say the same came in the order in which the history shows them.
        var first = seen.GetValueOrDefault(key);
        seen[key] = first + 1;
        return candidates.Skip(first).Concat(candidates.Take(first)).FirstOrDefault(candidate => SameThinking(shown, candidate, reattachReasoning));
    }

    private static bool SameThinking(ChatMessage shown, ChatMessage reply, bool reattachReasoning)
        => (shown.ReasoningContent ?? "").Trim() is var thinking
            && ((thinking.Length == 0 && reattachReasoning) || thinking == (reply.ReasoningContent ?? "").Trim());

    private static string KeyOf(ChatMessage message) => $"{message.Content.Trim()}\u0001{CallsOf(message)}";

    private static string CallsOf(ChatMessage message)
        => string.Join('\u0002', message.ToolCalls.Select(call => $"{call.Name}\u0003{Compact(call.ArgumentsJson)}"));

    private static string Compact(string json)
    {
        try
        {
            return JsonNode.Parse(json)?.ToJsonString() ?? "null";
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            return json;
        }
    }
}
