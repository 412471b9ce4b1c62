using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Gateway.Protocols.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Messages;

/// <summary>Writes answers of Messages.</summary>
internal static class MessagesReplyWriter
{
    // Of a call's input; a deeper one would not fit into the answer around it.
    private const int InputDepth = 48;

    public static JsonObject Write(ApiRequest request, ApiReply reply)
    {
        var choice = reply.Choices[0];
        var message = Envelope(reply.Model, reply.Id, new JsonArray([.. Blocks(request, choice.Message)]), Usage(reply.Usage));
        message["stop_reason"] = StopReason(choice.End);
        message["stop_sequence"] = choice.End == ApiEnd.StopText ? choice.StopText : null;
        message["system_fingerprint"] = ChatReplyWriter.Fingerprint(reply);
        return message;
    }

    public static JsonObject Envelope(string model, string id, JsonArray content, JsonObject usage) => new()
    {
        ["id"] = "msg_" + id,
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = model,
        ["content"] = content,
        ["stop_reason"] = null,
        ["stop_sequence"] = null,
        ["stop_details"] = null,
        ["usage"] = usage,
    };

    /// <summary>The parts of an answer in the order in which they were said.</summary>
    public static IEnumerable<JsonObject> Blocks(ApiRequest request, ChatMessage message)
    {
        if (message.ReasoningContent is { Length: > 0 } thinking && MessagesEcho.ShowsThinking(request))
        {
            yield return new JsonObject
            {
                ["type"] = "thinking",
                ["thinking"] = MessagesEcho.OmitsText(request) ? "" : thinking,
                ["signature"] = ThinkingSeal.Seal(thinking),
            };
        }

        if (message.Content.Length > 0)
        {
            yield return new JsonObject { ["type"] = "text", ["text"] = message.Content, ["citations"] = null };
        }

        foreach (var call in message.ToolCalls)
        {
            yield return new JsonObject { ["type"] = "tool_use", ["id"] = call.Id, ["name"] = call.Name, ["input"] = Input(call) };
        }
    }

    /// <summary>Cached tokens are apart from the others here.</summary>
    public static JsonObject Usage(ApiUsage usage) => new()
    {
        ["input_tokens"] = usage.PromptTokens - usage.CachedTokens,
        ["cache_creation_input_tokens"] = 0,
        ["cache_read_input_tokens"] = usage.CachedTokens,
        ["output_tokens"] = usage.CompletionTokens,
        ["service_tier"] = "standard",
    };

    public static string StopReason(ApiEnd end) => end switch
    {
        ApiEnd.StopText => "stop_sequence",
        ApiEnd.MaxTokens => "max_tokens",
        ApiEnd.ContextFull => "model_context_window_exceeded",
        ApiEnd.ToolCalls => "tool_use",
        _ => "end_turn",
    };

    private static JsonObject Input(ToolCall call)
    {
        try
        {
            using var arguments = JsonDocument.Parse(call.ArgumentsJson, new JsonDocumentOptions { MaxDepth = InputDepth });
            if (arguments.RootElement.ValueKind == JsonValueKind.Object)
            {
                return JsonCopy.Object(arguments.RootElement);
            }
        }
        catch (JsonException)
        {
            // As text, below.
        }

        return new JsonObject { [ToolArguments.Input] = call.ArgumentsJson };
    }
}
