using System.Collections.Concurrent;
using Forge.Core.Chat;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.TestKit;

/// <summary>A gateway whose answers a test gives as messages; each counts as ten tokens unless said otherwise.</summary>
public sealed class FakeChatGateway(Func<ChatRequest, CancellationToken, Task<ChatReply>> answer) : IChatGateway
{
    private readonly ConcurrentQueue<ChatRequest> _requests = new();
    private readonly ConcurrentQueue<EpisodeId> _ended = new();

    public IReadOnlyList<ChatRequest> Requests => [.. _requests];

    public IReadOnlyCollection<EpisodeId> EndedSessions => _ended;

    /// <summary>Answers in turn; the last answer is repeated for ever.</summary>
    public static FakeChatGateway Answering(params ChatReply[] replies)
    {
        var next = 0;
        return new FakeChatGateway((_, _) => Task.FromResult(replies[Math.Min(next++, replies.Length - 1)]));
    }

    public static ChatReply Call(params (string Tool, string Arguments)[] calls) => Reply(new ChatMessage
    {
        Role = ChatRole.Assistant,
        ReasoningContent = "think",
        ToolCalls = [.. calls.Select((call, index) => new ToolCall($"call_{index}", call.Tool, call.Arguments))],
    });

    public static ChatReply Say(string text) => Reply(new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = "think", Content = text });

    public static ChatReply Reply(ChatMessage message) => new()
    {
        Completion = new CompletionId("fake"),
        Message = message,
        FinishReason = FinishReason.Stop,
        Malformed = false,
        PromptTokens = 5,
        ResponseTokens = 10,
    };

    public Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _requests.Enqueue(request);
        return answer(request, cancellationToken);
    }

    public void EndSession(EpisodeId episode) => _ended.Enqueue(episode);
}
