using System.Collections.Immutable;
using System.Text.Json;
using Forge.Core.Chat;

namespace Forge.Core.Tests.Text.MiniMax;

/// <summary>Reads messages and tools in their OpenAI wire form, as the golden data has them.</summary>
internal static class GoldenChat
{
    public static ImmutableArray<ChatMessage> Messages(JsonElement messages)
        => [.. messages.EnumerateArray().Select(Message)];

    public static ImmutableArray<ToolDefinition> Tools(JsonElement owner)
        => owner.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array
            ? [.. tools.EnumerateArray().Select(tool => Tool(tool.GetProperty("function")))]
            : [];

    public static string? Text(JsonElement owner, string key)
        => owner.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static ToolDefinition Tool(JsonElement function) => new(
        Text(function, "name")!,
        Text(function, "description") ?? "",
        function.TryGetProperty("parameters", out var parameters) ? parameters.GetRawText() : "")
    {
        FunctionJson = function.GetRawText(),
    };

    private static ChatMessage Message(JsonElement message) => new()
    {
        Role = Enum.Parse<ChatRole>(Text(message, "role")!, ignoreCase: true),
        Content = Text(message, "content") ?? "",
        ContentParts = message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array
            ? [.. content.EnumerateArray().Select(part => Text(part, "text")!)]
            : null,
        ReasoningContent = Text(message, "reasoning_content"),
        ToolCallId = Text(message, "tool_call_id"),
        ToolCalls = message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array
            ? [.. calls.EnumerateArray().Select(Call)]
            : [],
    };

    private static ToolCall Call(JsonElement call) => new(
        Text(call, "id")!,
        Text(call.GetProperty("function"), "name")!,
        Text(call.GetProperty("function"), "arguments")!);
}
