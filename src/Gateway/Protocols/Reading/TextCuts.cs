namespace Forge.Gateway.Protocols.Reading;

/// <summary>Cuts an answer's text into the pieces that a stream sends; a surrogate pair stays whole.</summary>
internal static class TextCuts
{
    /// <summary>Characters of one piece: few events for long texts, and still several for short ones.</summary>
    public const int Length = 128;

    public static IEnumerable<string> Of(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = Math.Min(start + Length, text.Length);
            if (end < text.Length && char.IsHighSurrogate(text[end - 1]))
            {
                end++;
            }

            yield return text[start..end];
            start = end;
        }
    }
}
