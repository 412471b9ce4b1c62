using System.Collections.Immutable;
using System.Text;
using Forge.Core.Chat;

namespace Forge.Core.Text.MiniMax;

/// <summary>
/// Takes a response apart while it arrives: thinking, visible text, tool calls. The inverse of
/// <see cref="MiniMaxM2ChatFormat"/> where that format can carry a message (docs/chat-format.md).
/// </summary>
/// <remarks>
/// Total: every text parses. The result does not depend on where the text was cut, inside tags and multi-byte
/// characters included, and takes time linear in its length. The text must not hold the stop token. One parser reads
/// one response; not for several threads at a time.
/// <code>
/// Thinking ── &lt;/think&gt; ──▶ Content ── &lt;minimax:tool_call&gt; ──▶ Block
///                              ▲                                  │ closed: calls, or its text when broken
///                              └──────────────────────────────────┘
/// </code>
/// </remarks>
public sealed class MiniMaxM2OutputParser
{
    private const string ThinkEnd = "\n" + MiniMaxM2Tokens.ThinkClose;
    private const string BlockStart = "\n" + MiniMaxM2Tokens.ToolCallOpen;
    private const string ContentHead = "\n\n";

    // Outside a block these are not text that a model means to show.
    private static readonly string[] StrayTags = ["<invoke name=", "</invoke>", MiniMaxM2Tokens.ToolCallClose];

    private readonly ToolSchemas _schemas;
    private readonly string _callIdPrefix;
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();
    private readonly TextWindow _window = new();
    private readonly StringBuilder _reasoning = new();
    private readonly StringBuilder _content = new();
    private readonly StringBuilder _blankAfterBlock = new();
    private readonly ImmutableArray<ToolCall>.Builder _calls = ImmutableArray.CreateBuilder<ToolCall>();
    private readonly List<OutputDelta> _deltas = [];
    private ToolBlockScanner? _block;
    private int _blockHead;
    private bool _thinking;
    private bool _atContentHead;
    private bool _afterBlock;
    private bool _malformed;
    private bool _truncated;

    /// <summary>Starts a response.</summary>
    /// <param name="schemas">The tools on offer; they type the values. Calls to other tools are calls too.</param>
    /// <param name="startsInThinking">Whether the prompt ended in <c>&lt;think&gt;\n</c>, as the family's always does.</param>
    /// <param name="callIdPrefix">Calls are named by it and their index in the response.</param>
    public MiniMaxM2OutputParser(ToolSchemas schemas, bool startsInThinking = true, string callIdPrefix = "call_")
    {
        _schemas = schemas;
        _thinking = startsInThinking;
        _callIdPrefix = callIdPrefix;
    }

    /// <summary>Parses a whole response.</summary>
    public static ParsedOutput Parse(
        string text, ImmutableArray<ToolDefinition> tools, bool startsInThinking = true, string callIdPrefix = "call_")
    {
        var parser = new MiniMaxM2OutputParser(new ToolSchemas(tools), startsInThinking, callIdPrefix);
        parser.Feed(text);
        return parser.Finish();
    }

    /// <summary>Takes more text; returns what has become certain with it. The list is valid until the next call.</summary>
    public IReadOnlyList<OutputDelta> Feed(ReadOnlySpan<char> text)
    {
        _deltas.Clear();
        _window.Append(text);
        Advance(atEnd: false);
        return _deltas;
    }

    /// <summary>Takes more text as UTF-8; a chunk may end inside a character. Invalid bytes count as U+FFFD.</summary>
    public IReadOnlyList<OutputDelta> FeedBytes(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        return Feed(characters.AsSpan(0, _utf8.GetChars(bytes, characters, flush: false)));
    }

    /// <summary>Ends the response.</summary>
    public ParsedOutput Finish()
    {
        var rest = new char[4];
        _window.Append(rest.AsSpan(0, _utf8.GetChars([], rest, flush: true)));
        Advance(atEnd: true);
        var content = _content.ToString();
        return new ParsedOutput
        {
            Reasoning = _reasoning.ToString(),
            Content = content,
            ToolCalls = _calls.DrainToImmutable(),
            Malformed = _malformed || Array.Exists(StrayTags, tag => content.Contains(tag, StringComparison.Ordinal)),
            Truncated = _truncated,
            ThinkingClosed = !_thinking,
        };
    }

    private void Advance(bool atEnd)
    {
        bool moved;
        do
        {
            moved = _block is not null ? AdvanceBlock(atEnd) : _thinking ? AdvanceThinking(atEnd) : AdvanceContent(atEnd);
        }
        while (moved);
    }

    private bool AdvanceThinking(bool atEnd)
    {
        if (_window.TryTakeThrough(MiniMaxM2Tokens.ThinkClose, ThinkEnd, atEnd, out var text))
        {
            EmitReasoning(text.EndsWith('\n') ? text[..^1] : text);
            _thinking = false;
            _atContentHead = true;
            return true;
        }

        EmitReasoning(text);
        return false;
    }

    private bool AdvanceContent(bool atEnd)
    {
        if (_atContentHead)
        {
            if (!atEnd && _window.Length < ContentHead.Length && ContentHead.AsSpan().StartsWith(_window.Text))
            {
                return false;
            }

            _window.Skip(_window.Text.StartsWith(ContentHead, StringComparison.Ordinal) ? ContentHead.Length : 0);
            _atContentHead = false;
        }

        if (_window.TryTakeThrough(MiniMaxM2Tokens.ToolCallOpen, BlockStart, atEnd, out var text))
        {
            // The newline before a block belongs to the block, and comes back with its text should it be broken.
            var separator = text.EndsWith('\n');
            EmitContent(separator ? text[..^1] : text);
            _block = new ToolBlockScanner();
            _blockHead = separator ? 1 : 0;
            return true;
        }

        EmitContent(text);
        return false;
    }

    private bool AdvanceBlock(bool atEnd)
    {
        if (_block!.Scan(_window.Text) is { } end)
        {
            CloseBlock(_window.Take(end));
            return true;
        }

        if (atEnd)
        {
            _truncated = true;
            _malformed = true;
            KeepBlockAsText(_window.Take(_window.Length));
        }

        return false;
    }

    private void CloseBlock(string inside)
    {
        _malformed |= _block!.IsBroken || _block.HasNoise;
        if (_block.IsBroken)
        {
            KeepBlockAsText(inside);
            return;
        }

        foreach (var pending in _block.Calls)
        {
            var call = pending.Complete($"{_callIdPrefix}{_calls.Count}", _schemas);
            _calls.Add(call);
            _deltas.Add(new OutputDelta(Call: call));
        }

        _block = null;
        _blankAfterBlock.Clear();
        _afterBlock = true;
    }

    private void KeepBlockAsText(string inside)
    {
        _block = null;
        EmitContent((_blockHead == 1 ? BlockStart : MiniMaxM2Tokens.ToolCallOpen) + inside);
    }

    private void EmitReasoning(string text)
    {
        if (text.Length > 0)
        {
            _reasoning.Append(text);
            _deltas.Add(new OutputDelta(Reasoning: text));
        }
    }

    // Blank text after a block is layout (the model's last newline, the line between two blocks) unless more follows.
    private void EmitContent(string text)
    {
        if (_afterBlock && string.IsNullOrWhiteSpace(text))
        {
            _blankAfterBlock.Append(text);
            return;
        }

        if (text.Length > 0)
        {
            text = _blankAfterBlock + text;
            _blankAfterBlock.Clear();
            _afterBlock = false;
            _content.Append(text);
            _deltas.Add(new OutputDelta(Content: text));
        }
    }
}
