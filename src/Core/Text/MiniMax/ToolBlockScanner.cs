namespace Forge.Core.Text.MiniMax;

/// <summary>
/// Scans the inside of one tool-call block, as far as the text has come, and remembers where it stands.
/// Every character is looked at a bounded number of times, however the text arrives.
/// </summary>
/// <remarks>
/// <code>
///              ┌──────── &lt;/invoke&gt; ────────┐
///              ▼                             │
/// block ─▶ Between ─ &lt;invoke name= ─▶ InvokeName ─▶ InInvoke ─ &lt;parameter name= ─▶ ParameterName ─▶ Value
///              │                             ▲                                                        │
///              ▼ &lt;/minimax:tool_call&gt;        └───────────────────── &lt;/parameter&gt; ──────────────────────┘
///            Closed
/// </code>
/// Only <c>&lt;/parameter&gt;</c> ends a value: it may hold any other tag. A tag in a place where it cannot be breaks the
/// block; other text there is noise, which is passed over and remembered.
/// </remarks>
internal sealed class ToolBlockScanner
{
    private const string InvokeOpen = "<invoke name=";
    private const string InvokeClose = "</invoke>";
    private const string ParameterOpen = "<parameter name=";
    private const string ParameterClose = "</parameter>";

    private static readonly string[] TagsBetween = [InvokeOpen, InvokeClose, ParameterOpen, MiniMaxM2Tokens.ToolCallClose];
    private static readonly string[] TagsWhenBroken = [MiniMaxM2Tokens.ToolCallClose];

    private readonly List<PendingCall> _calls = [];
    private Place _place = Place.Between;
    private int _at;
    private int _nameStart;
    private PendingCall? _call;
    private string _parameter = "";

    private enum Place
    {
        Between,
        InvokeName,
        InInvoke,
        ParameterName,
        Value,
        Broken,
        Closed,
    }

    /// <summary>The calls found; they count only when the block closed unbroken.</summary>
    public IReadOnlyList<PendingCall> Calls => _calls;

    /// <summary>True when a tag stood where it cannot, or the block closed without a call.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>True when text other than white space stood between tags.</summary>
    public bool HasNoise { get; private set; }

    /// <summary>Scans on in a text that starts with the inside of the block and only ever grows.</summary>
    /// <returns>Where the text after the block starts; null while the block has not closed.</returns>
    public int? Scan(ReadOnlySpan<char> text)
    {
        while (_place != Place.Closed)
        {
            var moved = _place switch
            {
                Place.InvokeName or Place.ParameterName => ScanName(text),
                Place.Value => ScanValue(text),
                Place.Broken => ScanTags(text, TagsWhenBroken),
                _ => ScanTags(text, TagsBetween),
            };
            if (!moved)
            {
                return null;
            }
        }

        return _at;
    }

    private bool ScanTags(ReadOnlySpan<char> text, string[] tags)
    {
        for (; _at < text.Length; _at++)
        {
            if (text[_at] == '<' && TagAt(text[_at..], tags, out var tag))
            {
                if (tag is null)
                {
                    return false;
                }

                _at += tag.Length;
                Enter(tag);
                return true;
            }

            HasNoise |= !char.IsWhiteSpace(text[_at]);
        }

        return false;
    }

    // True with a tag, or with null when the text so far could still become one.
    private static bool TagAt(ReadOnlySpan<char> text, string[] tags, out string? tag)
    {
        var mayFollow = false;
        foreach (var candidate in tags)
        {
            if (text.StartsWith(candidate, StringComparison.Ordinal))
            {
                tag = candidate;
                return true;
            }

            mayFollow |= candidate.AsSpan().StartsWith(text, StringComparison.Ordinal);
        }

        tag = null;
        return mayFollow;
    }

    private void Enter(string tag)
    {
        _nameStart = _at;
        switch (tag)
        {
            case MiniMaxM2Tokens.ToolCallClose:
                IsBroken |= _place != Place.Between || _calls.Count == 0;
                _place = Place.Closed;
                break;
            case InvokeOpen when _place == Place.Between:
                _place = Place.InvokeName;
                break;
            case ParameterOpen when _place == Place.InInvoke:
                _place = Place.ParameterName;
                break;
            case InvokeClose when _place == Place.InInvoke:
                _calls.Add(_call!);
                _place = Place.Between;
                break;
            default:
                Break();
                break;
        }
    }

    // name="…">, name='…'> or name=…>. A quoted name ends at its quote followed by '>', so it may hold either.
    private bool ScanName(ReadOnlySpan<char> text)
    {
        if (_at >= text.Length)
        {
            return false;
        }

        var quote = text[_nameStart] is '"' or '\'' ? text[_nameStart] : '\0';
        for (_at = Math.Max(_at, _nameStart + (quote == '\0' ? 0 : 1)); _at < text.Length; _at++)
        {
            if (text[_at] == '\n' || (_place == Place.InvokeName && text[_at] == '<'))
            {
                Break();
                return true;
            }

            if (quote == '\0' ? text[_at] == '>' : text[_at] == '>' && _at > _nameStart + 1 && text[_at - 1] == quote)
            {
                var name = quote == '\0' ? text[_nameStart.._at].Trim() : text[(_nameStart + 1)..(_at - 1)];
                _at++;
                EnterNamed(name.ToString(), isQuoted: quote != '\0');
                return true;
            }
        }

        return false;
    }

    private void EnterNamed(string name, bool isQuoted)
    {
        _nameStart = _at;
        if (_place == Place.ParameterName && (isQuoted || name.Length > 0))
        {
            _parameter = name;
            _place = Place.Value;
        }
        else if (_place == Place.InvokeName && name.Length > 0 && name.AsSpan().IndexOfAny("\">") < 0)
        {
            _call = new PendingCall(name);
            _place = Place.InInvoke;
        }
        else
        {
            Break();
        }
    }

    private bool ScanValue(ReadOnlySpan<char> text)
    {
        var end = text[_at..].IndexOf(ParameterClose, StringComparison.Ordinal);
        if (end < 0)
        {
            _at = Math.Max(_at, text.Length - ParameterClose.Length + 1);
            return false;
        }

        _call!.Add(_parameter, text[_nameStart..(_at + end)].ToString());
        _at += end + ParameterClose.Length;
        _place = Place.InInvoke;
        return true;
    }

    private void Break()
    {
        IsBroken = true;
        _place = Place.Broken;
    }
}
