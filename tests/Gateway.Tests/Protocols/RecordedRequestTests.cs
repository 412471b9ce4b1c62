using Forge.Core.Chat;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>What each client of the compatibility table sends is read as the conversation that it means.</summary>
public sealed class RecordedRequestTests
{
    public static TheoryData<string, string, string> Clients => new()
    {
        { Requests.OpenAiSdk, "chat", "System: Be brief. | User: Hello" },
        { Requests.AiSdk, "chat", "System: You use tools. | User: Weather in Oslo? | Assistant:  | Tool: {\"celsius\":4}" },
        { Requests.AgentsChat, "chat", "System: Help. | User: 2+2? | Assistant:  | Tool: 4" },
        { Requests.LangGraph, "chat", "User: Look it up. | Assistant:  | Tool: found" },
        { Requests.OpenCode, "chat", "System: You are opencode. | User: Fix the bug. | Assistant:  | Tool: text | Tool: a.cs" },
        { Requests.OpenCodeTitle, "chat", "System: You are a title generator. | User: Generate a title for this conversation:\n | User: Fix the bug." },
        { Requests.Pi, "chat", "System: You are pi. | User: Do it. | Assistant:  | Tool: /work" },
        { Requests.QwenCode, "chat", "System: You are Qwen Code. | User: abcde | Assistant:  | Tool: line" },
        { Requests.AgentsResponses, "responses", "System: Help. | User: 2+2? | Assistant:  | Tool: 4" },
        { Requests.LangGraphResponses, "responses", "User: Hi | Assistant: Hello | User: Again" },
        { Requests.QwenAnthropic, "messages", "System: You are Qwen Code. | User: Fix. | Assistant: I read. | Tool: line | User: go on" },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public void A_clients_request_is_the_conversation_that_it_means(string json, string path, string said)
        => Assert.Equal(said, View(path).Read(json).Said());

    [Theory]
    [MemberData(nameof(Clients))]
    public void A_clients_request_can_be_rendered(string json, string path, string said)
    {
        var request = View(path).Read(json);

        var text = new Core.Text.MiniMax.MiniMaxM2ChatFormat().Render(request.Messages, request.Tools);

        Assert.Contains(said.Split(" | ")[^1].Split(": ")[^1], text, StringComparison.Ordinal);
    }

    [Fact]
    public void Thinking_comes_back_from_the_clients_that_keep_it()
    {
        foreach (var json in new[] { Requests.AiSdk, Requests.OpenCode, Requests.Pi, Requests.QwenCode })
        {
            Assert.NotNull(ApiProtocols.Chat.Read(json).Messages.Single(message => message.Role == ChatRole.Assistant).ReasoningContent);
        }
    }

    [Fact]
    public void Streams_are_asked_for_by_the_command_line_agents()
    {
        Assert.True(ApiProtocols.Responses.Read(Requests.Codex).Stream);
        Assert.True(ApiProtocols.Messages.Read(Requests.QwenAnthropic).Stream);
        Assert.All(
            new[] { Requests.OpenCode, Requests.OpenCodeTitle, Requests.Pi, Requests.QwenCode },
            json => Assert.True(ApiProtocols.Chat.Read(json) is { Stream: true, IncludeUsage: true }));
    }

    private static IApiProtocol View(string path) => ApiProtocols.ByPath[path == "chat" ? "/chat/completions" : "/" + path];
}
