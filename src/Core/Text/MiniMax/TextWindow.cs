namespace Forge.Core.Text.MiniMax;

/// <summary>The part of a growing text that is not yet decided.</summary>
internal sealed class TextWindow
{
    private char[] _characters = new char[256];
    private int _start;
    private int _end;

    public int Length => _end - _start;

    public ReadOnlySpan<char> Text => _characters.AsSpan(_start, Length);

    public void Append(ReadOnlySpan<char> text)
    {
        if (_end + text.Length > _characters.Length)
        {
            // Moving costs at most what was appended since the last move, because the room at least doubles.
            var room = Length + text.Length > _characters.Length / 2
                ? new char[Math.Max(_characters.Length * 2, (Length + text.Length) * 2)]
                : _characters;
            Text.CopyTo(room);
            (_characters, _end, _start) = (room, Length, 0);
        }

        text.CopyTo(_characters.AsSpan(_end));
        _end += text.Length;
    }

    public void Skip(int count) => _start += count;

    public string Take(int count)
    {
        var text = Text[..count].ToString();
        _start += count;
        return text;
    }

    /// <summary>
    /// Takes the text before <paramref name="tag"/> and drops the tag. Without the tag, takes all that cannot belong
    /// to it: a tail that could grow into the tag, with or without what may stand before it, stays unless the text has ended.
    /// </summary>
    public bool TryTakeThrough(string tag, string tagWithLead, bool atEnd, out string before)
    {
        var at = Text.IndexOf(tag, StringComparison.Ordinal);
        if (at >= 0)
        {
            before = Take(at);
            Skip(tag.Length);
            return true;
        }

        before = Take(atEnd ? Length : Length - Math.Max(PartialTail(tag), PartialTail(tagWithLead)));
        return false;
    }

    // The longest proper prefix of the tag that the text ends in.
    private int PartialTail(string tag)
    {
        for (var length = Math.Min(tag.Length - 1, Length); length > 0; length--)
        {
            if (Text.EndsWith(tag.AsSpan(0, length), StringComparison.Ordinal))
            {
                return length;
            }
        }

        return 0;
    }
}
