using System.Globalization;
using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Chat;

/// <summary>Writes answers of Chat Completions.</summary>
internal static class ChatReplyWriter
{
    public const string IdPrefix = "chatcmpl-";

    public static JsonObject Write(ApiRequest request, ApiReply reply)
    {
        var answer = new JsonObject
        {
            ["id"] = IdPrefix + reply.Id,
            ["object"] = "chat.completion",
            ["created"] = reply.Created.ToUnixTimeSeconds(),
            ["model"] = reply.Model,
            ["choices"] = new JsonArray([.. reply.Choices.Select((choice, index) => Choice(request, choice, index))]),
            ["usage"] = Usage(reply.Usage),
            ["system_fingerprint"] = Fingerprint(reply),
        };
        if (request.Echo?[ChatEcho.Metadata] is { } metadata)
        {
            answer["metadata"] = metadata.DeepClone();
        }

        return answer;
    }

    public static JsonObject Usage(ApiUsage usage) => new()
    {
        ["prompt_tokens"] = usage.PromptTokens,
        ["completion_tokens"] = usage.CompletionTokens,
        ["total_tokens"] = usage.PromptTokens + usage.CompletionTokens,
        ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = usage.CachedTokens },
        ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = usage.ReasoningTokens },
    };

    /// <summary>The policy version, where clients look for the identity of what answered.</summary>
    public static string Fingerprint(ApiReply reply) => string.Create(CultureInfo.InvariantCulture, $"policy-{reply.PolicyVersion}");

    public static string FinishReason(ApiRequest request, ApiEnd end) => end switch
    {
        ApiEnd.MaxTokens or ApiEnd.ContextFull => "length",
        ApiEnd.ToolCalls => ChatEcho.HasFunctions(request) ? "function_call" : "tool_calls",
        _ => "stop",
    };

    public static JsonObject Call(ApiRequest request, ToolCall call) => ChatEcho.TakesFreeText(request, call.Name)
        ? new JsonObject
        {
            ["id"] = call.Id,
            ["type"] = "custom",
            ["custom"] = new JsonObject { ["name"] = call.Name, ["input"] = ToolArguments.ToInput(call.ArgumentsJson) },
        }
        : new JsonObject
        {
            ["id"] = call.Id,
            ["type"] = "function",
            ["function"] = Function(call.Name, call.ArgumentsJson),
        };

    public static JsonObject Function(string name, string arguments) => new() { ["name"] = name, ["arguments"] = arguments };

    /// <summary>Thinking in the shape of hosts that split it off into a list.</summary>
    public static JsonArray Details(string thinking) => [new JsonObject
    {
        ["type"] = "reasoning.text",
        ["id"] = "reasoning-text-1",
        ["format"] = "MiniMax-response-v1",
        ["index"] = 0,
        ["text"] = thinking,
    }];

    private static JsonObject Choice(ApiRequest request, ApiChoice choice, int index) => new()
    {
        ["index"] = index,
        ["message"] = Message(request, choice.Message),
        ["logprobs"] = request.Sampling.LogProbs ? LogProbsWriter.Write(choice.Tokens.AsSpan()) : null,
        ["finish_reason"] = FinishReason(request, choice.End),
    };

    private static JsonObject Message(ApiRequest request, ChatMessage message)
    {
        var calls = message.ToolCalls;
        var written = new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = message.Content.Length == 0 && !calls.IsEmpty ? null : message.Content,
            ["refusal"] = null,
        };
        if (message.ReasoningContent is { Length: > 0 } thinking)
        {
            written["reasoning_content"] = thinking;
            if (request.ReasoningSplit)
            {
                written["reasoning_details"] = Details(thinking);
            }
        }

        if (!calls.IsEmpty && ChatEcho.HasFunctions(request))
        {
            written["function_call"] = Function(calls[0].Name, calls[0].ArgumentsJson);
        }
        else if (!calls.IsEmpty)
        {
            written["tool_calls"] = new JsonArray([.. calls.Select(call => Call(request, call))]);
        }

        return written;
    }
}
