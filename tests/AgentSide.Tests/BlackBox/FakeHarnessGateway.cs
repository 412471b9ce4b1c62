using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Harnesses;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.AgentSide.Tests.BlackBox;

/// <summary>A gateway that recorded what a test says.</summary>
internal sealed class FakeHarnessGateway(params ImmutableArray<HarnessCall> calls) : IHarnessGateway
{
    public List<HarnessSession> Opened { get; } = [];

    public List<EpisodeId> Closed { get; } = [];

    public string? Limit { get; init; }

    public string? Fault { get; init; }

    /// <summary>Where the desk of a test listens.</summary>
    public Uri Address { get; init; } = new("http://127.0.0.1:1");

    public static HarnessCall Say(string text, bool isAuxiliary = false) => new(
        new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = "think", Content = text }, FinishReason.Stop, false, 10, isAuxiliary);

    public static HarnessCall Call(string tool, string arguments) => new(
        new ChatMessage { Role = ChatRole.Assistant, ToolCalls = [new ToolCall("call_0", tool, arguments)] }, FinishReason.Stop, false, 10, false);

    public Task<HarnessAccess> OpenAsync(HarnessSession session, CancellationToken cancellationToken)
    {
        Opened.Add(session);
        return Task.FromResult(new HarnessAccess(new Uri(Address, $"/e/{session.Episode}"), "key-of-the-episode", "forge"));
    }

    public Task<HarnessTrace> CloseAsync(EpisodeId episode, CancellationToken cancellationToken)
    {
        Closed.Add(episode);
        return Task.FromResult(new HarnessTrace(calls, Limit, Fault));
    }
}
