using System.Collections.Immutable;
using System.Text;
using Forge.Core.Chat;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>Answers for the views to write.</summary>
internal static class Replies
{
    public const string Thinking = "Let me see. 🙂";

    /// <summary>Long enough for several deltas, with pairs at the cuts.</summary>
    public static string LongText { get; } = string.Concat(Enumerable.Repeat("0123456789🙂", 40));

    public static DateTimeOffset Created { get; } = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public static ToolCall Call { get; } = new("call_0_0", "weather", """{"city": "Oslo", "days": [1, 2]}""");

    public static ApiReply Text(string text, ApiEnd end = ApiEnd.Stop, string? stopText = null) => Of(Choice(text, end, stopText));

    public static ApiReply Calls(params ToolCall[] calls) => Of(new ApiChoice(Message("", calls), ApiEnd.ToolCalls, null, Tokens));

    public static ApiReply Of(params ApiChoice[] choices) => new()
    {
        Id = "r-1",
        Created = Created,
        Model = "forge",
        PolicyVersion = 7,
        Choices = [.. choices],
        Usage = new ApiUsage(100, 60, 20, 5),
    };

    public static ApiChoice Choice(string text, ApiEnd end = ApiEnd.Stop, string? stopText = null) => new(Message(text), end, stopText, Tokens);

    public static ChatMessage Message(string text, params ToolCall[] calls)
        => new() { Role = ChatRole.Assistant, Content = text, ReasoningContent = Thinking, ToolCalls = [.. calls] };

    private static ImmutableArray<ApiToken> Tokens { get; } =
    [
        new ApiToken([0xF0, 0x9F], -0.5, [([0xF0, 0x9F], -0.5), (Bytes("x"), double.NegativeInfinity)]),
        new ApiToken(Bytes("yes"), -0.25, []),
        new ApiToken(Bytes("!"), 0, []),
    ];

    private static ImmutableArray<byte> Bytes(string text) => [.. Encoding.UTF8.GetBytes(text)];
}
