using System.Buffers;
using System.Globalization;
using System.Text;

namespace Forge.Core.Text.Tokenization;

/// <summary>
/// Finds added tokens in a text: leftmost first, longest among those that start there, none overlapping.
/// The rules on words and white space are those of huggingface/tokenizers' <c>AddedVocabulary::find_matches</c>.
/// </summary>
internal sealed class AddedTokenMatcher
{
    private readonly SearchValues<char> _firstCharacters;
    private readonly Dictionary<char, AddedToken[]> _byFirstCharacter;

    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        _byFirstCharacter = tokens
            .Where(token => token.Content.Length > 0)
            .GroupBy(token => token.Content[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Content.Length).ToArray());
        _firstCharacters = SearchValues.Create([.. _byFirstCharacter.Keys]);
    }

    public bool IsEmpty => _byFirstCharacter.Count == 0;

    /// <summary>Finds the next token at or after <paramref name="from"/>, and the text that it covers.</summary>
    /// <param name="sentence">The whole text: words and white space around a match count.</param>
    /// <param name="from">The end of the match before; white space before it is already taken.</param>
    /// <param name="token">The token found.</param>
    /// <param name="start">Where its text starts, stripped white space included.</param>
    /// <param name="end">One past its text, stripped white space included.</param>
    public bool TryFind(ReadOnlySpan<char> sentence, int from, out AddedToken token, out int start, out int end)
    {
        var at = from;
        while (at < sentence.Length)
        {
            var next = sentence[at..].IndexOfAny(_firstCharacters);
            if (next < 0)
            {
                break;
            }

            at += next;
            if (LongestAt(sentence, at) is not { } candidate)
            {
                at++;
                continue;
            }

            start = at;
            end = at + candidate.Content.Length;
            at = end;
            if (candidate.SingleWord && (EndsWithWord(sentence[..start]) || StartsWithWord(sentence[end..])))
            {
                continue;
            }

            start = candidate.StripsLeft ? Math.Max(from, sentence[..start].TrimEnd().Length) : start;
            end = candidate.StripsRight ? sentence.Length - sentence[end..].TrimStart().Length : end;
            token = candidate;
            return true;
        }

        (token, start, end) = (null!, 0, 0);
        return false;
    }

    private AddedToken? LongestAt(ReadOnlySpan<char> sentence, int at)
    {
        foreach (var candidate in _byFirstCharacter[sentence[at]])
        {
            if (sentence[at..].StartsWith(candidate.Content, StringComparison.Ordinal))
            {
                return candidate;
            }
        }

        return null;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text)
        => Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text)
        => Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    // \w of the Rust regex crate (UTS 18): alphabetic, marks, decimal digits, connectors, joiners.
    private static bool IsWord(Rune rune)
        => rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune) is
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation;
}
