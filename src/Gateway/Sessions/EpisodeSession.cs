using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Ring;
using Forge.Core.Text.Splicing;
using Forge.Gateway.Harnesses;

namespace Forge.Gateway.Sessions;

/// <summary>What the gateway keeps of one episode, for calls that may come at the same time.</summary>
/// <remarks>
/// Two tapes: what agents do on the side (titles, compaction) neither branches the episode nor is found again in its history.
/// </remarks>
internal sealed class EpisodeSession : IDisposable
{
    private readonly TokenTape _tape;
    private readonly TokenTape _sideTape;
    private readonly Lock _lock = new();
    private readonly GivenReplies _given = new();
    private readonly CancellationTokenSource _over = new();
    private ChatMessage? _instructions;
    private bool _knowsInstructions;
    private SessionTerms _terms = SessionTerms.None;
    private int _turns;
    private int _sideTurns;
    private long _responseTokens;

    public EpisodeSession(EpisodeId episode, TokenTape tape, TokenTape sideTape)
    {
        (Episode, _tape, _sideTape) = (episode, tape, sideTape);
        Over = _over.Token;
    }

    public EpisodeId Episode { get; }

    public int EndTokenId => _tape.EndTokenId;

    /// <summary>Cancelled when the episode has ended.</summary>
    public CancellationToken Over { get; }

    /// <summary>Calls that were answered or are being answered.</summary>
    public CallLedger Calls { get; } = new();

    /// <summary>What was recorded.</summary>
    public SessionTrace Trace { get; } = new();

    public SessionTerms Terms
    {
        get => Volatile.Read(ref _terms);
        set => Volatile.Write(ref _terms, value);
    }

    public int Turns => Volatile.Read(ref _turns);

    public int SideTurns => Volatile.Read(ref _sideTurns);

    public long ResponseTokens => Interlocked.Read(ref _responseTokens);

    public SplicedPrompt Next(ImmutableArray<ChatMessage> messages, ImmutableArray<ToolDefinition> tools)
    {
        lock (_lock)
        {
            return _tape.Next(messages, tools);
        }
    }

    /// <summary>Makes the prompt of a call whose history a client may have written in its own way.</summary>
    /// <param name="messages">The conversation as the client shows it.</param>
    /// <param name="tools">The tools as the client shows them.</param>
    /// <param name="rules">What is put right in the history, and what tells a call on the side.</param>
    /// <returns>The prompt, and whether the call is one on the side.</returns>
    /// <exception cref="ArgumentException">The conversation can't be rendered.</exception>
    public (SplicedPrompt Prompt, bool IsSide) Next(ImmutableArray<ChatMessage> messages, ImmutableArray<ToolDefinition> tools, SessionOptions rules)
    {
        lock (_lock)
        {
            var known = _given.Restore(messages, rules.ReattachReasoning);
            var instructions = known is [{ Role: ChatRole.System } first, ..] ? first : null;
            if (IsSide(instructions, tools, rules))
            {
                return (_sideTape.Next(known, tools), true);
            }

            if (!_knowsInstructions && !tools.IsEmpty)
            {
                (_instructions, _knowsInstructions) = (instructions, true);
            }

            return (_tape.Next(known, tools), false);
        }
    }

    /// <summary>Numbers the calls of the session in the order in which they go to the engine.</summary>
    public int TakeTurn() => Interlocked.Increment(ref _turns) - 1;

    /// <summary>Numbers the calls on the side.</summary>
    public int TakeSideTurn() => Interlocked.Increment(ref _sideTurns) - 1;

    public void Append(SplicedPrompt prompt, ImmutableArray<int> responseIds, ChatMessage reply, bool isSide = false)
    {
        lock (_lock)
        {
            (isSide ? _sideTape : _tape).Append(prompt, responseIds, reply);
            _given.Add(reply);
        }

        Interlocked.Add(ref _responseTokens, responseIds.Length);
    }

    /// <summary>Ends the session: the calls that wait are let go.</summary>
    public void Dispose()
    {
        _over.Cancel();
        _over.Dispose();
    }

    // A harness asks for a title or a summary under other instructions and without tools; the main conversation is the first one with tools.
    private bool IsSide(ChatMessage? instructions, ImmutableArray<ToolDefinition> tools, SessionOptions rules)
        => tools.IsEmpty
            && ((_knowsInstructions && !RenderedMessageComparer.Instance.Equals(instructions, _instructions))
                || (instructions is not null && rules.SidePrompts.Any(text => GivenReplies.TextOf(instructions).Contains(text, StringComparison.OrdinalIgnoreCase))));
}
