using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;

namespace Forge.Core.Text.Splicing;

/// <summary>
/// Keeps the token ids of a session's calls and makes each prompt out of them: what the model saw or said is taken over as ids and never
/// tokenised a second time; only the text after it is encoded. A history that was rewritten starts a branch. One session, one thread.
/// </summary>
/// <remarks>
/// <code>
///   call k      [prompt ids          ][response ids … [e~[]
///   call k + 1  [prompt ids          ][response ids … [e~[][encode("\n]~b]tool … ]~b]ai\n&lt;think&gt;\n")]
///                └──────────── spliced ───────────────────┘
/// </code>
/// </remarks>
public sealed class TokenTape
{
    private readonly ByteLevelBpeTokenizer _tokenizer;
    private readonly MiniMaxM2ChatFormat _format;
    private readonly List<TapeEntry> _entries = [];

    /// <exception cref="ArgumentException">The vocabulary lacks the format's end token.</exception>
    public TokenTape(ByteLevelBpeTokenizer tokenizer, MiniMaxM2ChatFormat format)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(format);
        _tokenizer = tokenizer;
        _format = format;
        EndTokenId = tokenizer.TokenId(MiniMaxM2Tokens.End)
            ?? throw new ArgumentException($"The tokenizer has no token {MiniMaxM2Tokens.End}, which ends every turn of the chat format.");
    }

    /// <summary>The stop token of every response.</summary>
    public int EndTokenId { get; }

    /// <summary>Makes the prompt of the next call.</summary>
    /// <exception cref="ArgumentException">The conversation can't be rendered.</exception>
    public SplicedPrompt Next(ImmutableArray<ChatMessage> messages, ImmutableArray<ToolDefinition> tools)
    {
        for (var index = _entries.Count - 1; index >= 0; index--)
        {
            if (Continues(_entries[index], messages, tools))
            {
                return Splice(index, messages, tools);
            }
        }

        return new SplicedPrompt
        {
            Messages = messages,
            Tools = tools,
            Ids = [.. _tokenizer.Encode(_format.Render(messages, tools))],
            SplicedTokens = 0,
            Turn = _entries.Count,
            Branches = _entries.Count > 0,
            RetokenisedTokens = GeneratedTokens(messages, first: 0),
        };
    }

    /// <summary>Keeps what the model answered.</summary>
    /// <param name="prompt">What <see cref="Next"/> gave.</param>
    /// <param name="responseIds">Exactly what was generated, the end token included if there was one.</param>
    /// <param name="reply">The message that the client was given, and will show again in its history.</param>
    public void Append(SplicedPrompt prompt, ImmutableArray<int> responseIds, ChatMessage reply)
        => _entries.Add(new TapeEntry(prompt, responseIds, reply));

    private bool Continues(TapeEntry entry, ImmutableArray<ChatMessage> messages, ImmutableArray<ToolDefinition> tools)
    {
        var answered = entry.Prompt.Messages.Length;
        return messages.Length > answered
            && RenderedMessageComparer.Instance.Equals(messages[answered], entry.Reply)
            && RenderedMessageComparer.Instance.StartsWith(messages, entry.Prompt.Messages)
            && tools.AsSpan().SequenceEqual(entry.Prompt.Tools.AsSpan())
            && _format.KeepsHistory(messages, answered + 1);
    }

    private SplicedPrompt Splice(int index, ImmutableArray<ChatMessage> messages, ImmutableArray<ToolDefinition> tools)
    {
        var entry = _entries[index];
        var answered = entry.Prompt.Messages.Length + 1;
        var ids = new List<int>(entry.Prompt.Ids.Length + entry.ResponseIds.Length + 64);
        ids.AddRange(entry.Prompt.Ids);
        ids.AddRange(entry.ResponseIds);
        var spliced = ids.Count;
        if (ids[^1] != EndTokenId)
        {
            // The answer was cut off: the turn's end is text that the model did not generate.
            ids.Add(EndTokenId);
        }

        _tokenizer.Encode(_format.RenderFrom(messages, answered), ids);
        return new SplicedPrompt
        {
            Messages = messages,
            Tools = tools,
            Ids = [.. ids],
            SplicedTokens = spliced,
            Turn = _entries.Count,
            Branches = index < _entries.Count - 1,
            RetokenisedTokens = GeneratedTokens(messages, answered),
        };
    }

    private int GeneratedTokens(ImmutableArray<ChatMessage> messages, int first)
    {
        var tokens = 0;
        for (var index = first; index < messages.Length; index++)
        {
            if (messages[index].Role == ChatRole.Assistant)
            {
                tokens += _entries.Find(entry => RenderedMessageComparer.Instance.Equals(entry.Reply, messages[index]))?.ResponseIds.Length ?? 0;
            }
        }

        return tokens;
    }
}
