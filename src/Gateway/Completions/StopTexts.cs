using System.Collections.Immutable;
using System.Text;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;

namespace Forge.Gateway.Completions;

/// <summary>
/// Ends an answer where a stop text of the caller comes, in what is visible. The answer that is kept ends with the token that completes
/// the text, exactly as if generation had stopped there; the client sees what comes before the text.
/// </summary>
internal static class StopTexts
{
    private static readonly byte[] ThinkClose = Encoding.UTF8.GetBytes(MiniMaxM2Tokens.ThinkClose);

    /// <summary>Cuts a completion.</summary>
    /// <param name="completion">What the engine gave.</param>
    /// <param name="stops">Texts, of which the one that comes first counts.</param>
    /// <param name="startsVisible">Whether the answer starts after its thinking.</param>
    /// <param name="tokenizer">The vocabulary.</param>
    /// <returns>What is kept, the text to show when it was cut, and the stop text; null for none.</returns>
    public static (Completion Kept, string? Shown, string? Stop) Cut(
        Completion completion, ImmutableArray<string> stops, bool startsVisible, ByteLevelBpeTokenizer tokenizer)
    {
        if (stops.IsDefaultOrEmpty)
        {
            return (completion, null, null);
        }

        var bytes = tokenizer.DecodeBytes(completion.ResponseIds.AsSpan());
        var close = bytes.AsSpan().IndexOf(ThinkClose);
        var visible = startsVisible ? 0 : close < 0 ? bytes.Length : close + ThinkClose.Length;
        var found = stops.Where(text => text.Length > 0)
            .Select(text => (Text: text, At: IndexOf(bytes, visible, text)))
            .Where(match => match.At >= 0)
            .OrderBy(match => match.At)
            .FirstOrDefault();
        if (found.Text is null)
        {
            return (completion, null, null);
        }

        var end = found.At + Encoding.UTF8.GetByteCount(found.Text);
        return (Keep(completion, TokensUpTo(end, completion.ResponseIds, tokenizer)), Encoding.UTF8.GetString(bytes, 0, found.At), found.Text);
    }

    private static int IndexOf(byte[] bytes, int from, string text)
        => bytes.AsSpan(from).IndexOf(Encoding.UTF8.GetBytes(text)) is >= 0 and var at ? from + at : -1;

    private static int TokensUpTo(int end, ImmutableArray<int> ids, ByteLevelBpeTokenizer tokenizer)
    {
        var (tokens, length) = (0, 0);
        while (length < end)
        {
            length += tokenizer.DecodeBytes(ids.AsSpan(tokens, 1)).Length;
            tokens++;
        }

        return tokens;
    }

    private static Completion Keep(Completion whole, int tokens) => tokens == whole.ResponseIds.Length ? whole : whole with
    {
        ResponseIds = whole.ResponseIds[..tokens],
        PolicyLogProbs = whole.PolicyLogProbs[..tokens],
        BehaviorLogProbs = whole.BehaviorLogProbs[..tokens],
        TokenVersions = whole.TokenVersions[..tokens],
        RoutedExperts = whole.RoutedExperts[..(whole.RoutedExperts.Length / whole.ResponseIds.Length * tokens)],
        FinishReason = FinishReason.Length,
    };
}
