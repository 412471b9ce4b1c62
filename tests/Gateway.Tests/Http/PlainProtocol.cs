using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Http;

/// <summary>The smallest API there can be, for tests of what all APIs share.</summary>
internal sealed class PlainProtocol : IApiProtocol
{
    public ApiRequest Read(JsonElement body)
    {
        if (!body.TryGetProperty("messages", out var messages) || messages.ValueKind != JsonValueKind.Array)
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, "messages is missing", "messages");
        }

        return new ApiRequest
        {
            Model = "forge",
            Messages = [.. messages.EnumerateArray().Select(Message)],
            Tools = [.. Items(body, "tools").Select(tool => new ToolDefinition(tool.GetString()!, "Does it.", """{"type": "object"}"""))],
            ToolChoice = Text(body, "tool_choice") switch
            {
                null => ToolChoice.Auto,
                "none" => new ToolChoice(ToolChoiceMode.None),
                "required" => new ToolChoice(ToolChoiceMode.Required),
                var name => new ToolChoice(ToolChoiceMode.Named, name),
            },
            Count = (int)(Number(body, "n") ?? 1),
            Stream = body.TryGetProperty("stream", out var stream) && stream.GetBoolean(),
            Sampling = new AskedSampling
            {
                Seed = Number(body, "seed"),
                MaxTokens = (int?)Number(body, "max_tokens"),
                Temperature = Number(body, "temperature"),
                Stop = [.. Items(body, "stop").Select(text => text.GetString()!)],
                LogProbs = Number(body, "logprobs") is 1,
            },
        };
    }

    public JsonObject Write(ApiRequest request, ApiReply reply) => new()
    {
        ["id"] = reply.Id,
        ["version"] = reply.PolicyVersion,
        ["prompt_tokens"] = reply.Usage.PromptTokens,
        ["tokens"] = reply.Usage.CompletionTokens,
        ["choices"] = new JsonArray([.. reply.Choices.Select(Choice)]),
    };

    public IApiEvents Begin(ApiRequest request, string id, DateTimeOffset created) => new PlainEvents(id);

    public JsonObject WriteFault(ApiFaultException fault, string requestId)
        => new() { ["error"] = fault.Kind.ToString(), ["message"] = fault.Message, ["request"] = requestId };

    public int StatusOf(ApiFaultKind kind) => kind switch
    {
        ApiFaultKind.UnknownKey => 401,
        ApiFaultKind.Forbidden => 403,
        ApiFaultKind.TooLarge => 413,
        ApiFaultKind.Internal => 500,
        ApiFaultKind.Unavailable => 503,
        _ => 400,
    };

    private static JsonNode Choice(ApiChoice choice) => new JsonObject
    {
        ["content"] = choice.Message.Content,
        ["reasoning_content"] = choice.Message.ReasoningContent,
        ["tool_calls"] = new JsonArray([.. choice.Message.ToolCalls.Select(call
            => new JsonObject { ["id"] = call.Id, ["name"] = call.Name, ["arguments"] = call.ArgumentsJson })]),
        ["end"] = choice.End.ToString(),
        ["stop"] = choice.StopText,
        ["logprobs"] = new JsonArray([.. choice.Tokens.Select(token => JsonValue.Create(token.LogProb))]),
    };

    private static ChatMessage Message(JsonElement message)
    {
        var content = message.TryGetProperty("content", out var given) ? given : default;
        return new ChatMessage
        {
            Role = Enum.Parse<ChatRole>(Text(message, "role")!, ignoreCase: true),
            Content = content.ValueKind == JsonValueKind.String ? content.GetString()! : "",
            ContentParts = content.ValueKind == JsonValueKind.Array ? [.. content.EnumerateArray().Select(part => part.GetString()!)] : (ImmutableArray<string>?)null,
            ReasoningContent = Text(message, "reasoning_content"),
            ToolCallId = Text(message, "tool_call_id"),
            ToolCalls = [.. Items(message, "tool_calls").Select(call => new ToolCall(Text(call, "id")!, Text(call, "name")!, Text(call, "arguments")!))],
        };
    }

    private static JsonElement[] Items(JsonElement body, string name)
        => body.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? [.. items.EnumerateArray()] : [];

    private static string? Text(JsonElement body, string name)
        => body.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static long? Number(JsonElement body, string name) => body.TryGetProperty(name, out var number) ? (long)number.GetDouble() : null;

    private sealed class PlainEvents(string id) : IApiEvents
    {
        public IEnumerable<ServerSentEvent> Open() => [new("open", id)];

        public ServerSentEvent NoOp() => new(null, "noop");

        public IEnumerable<ServerSentEvent> Finish(ApiReply reply) => [new(null, reply.Choices[0].Message.Content), new(null, "[DONE]")];

        public IEnumerable<ServerSentEvent> Fail(ApiFaultException fault) => [new("error", fault.Kind.ToString())];
    }
}
