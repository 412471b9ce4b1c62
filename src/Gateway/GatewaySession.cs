using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Text.Splicing;

namespace Forge.Gateway;

/// <summary>One episode's token tape, for calls that may come at the same time.</summary>
internal sealed class GatewaySession(TokenTape tape)
{
    private readonly Lock _lock = new();
    private int _turns;

    public int EndTokenId => tape.EndTokenId;

    public SplicedPrompt Next(ImmutableArray<ChatMessage> messages, ImmutableArray<ToolDefinition> tools)
    {
        lock (_lock)
        {
            return tape.Next(messages, tools);
        }
    }

    /// <summary>Numbers the calls of the session in the order in which they go to the engine.</summary>
    public int TakeTurn() => Interlocked.Increment(ref _turns) - 1;

    public void Append(SplicedPrompt prompt, ImmutableArray<int> responseIds, ChatMessage reply)
    {
        lock (_lock)
        {
            tape.Append(prompt, responseIds, reply);
        }
    }
}
