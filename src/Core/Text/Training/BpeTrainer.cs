using Forge.Core.Text.Tokenization;

namespace Forge.Core.Text.Training;

/// <summary>
/// Trains a byte-level BPE vocabulary: starting from the 256 bytes, the most frequent adjacent pair becomes a token,
/// again and again (Sennrich et al., 2016). Deterministic. The result is the text of a <c>tokenizer.json</c> that
/// Hugging Face's tokenizers reads as <see cref="ByteLevelBpeTokenizer"/> does.
/// </summary>
public sealed class BpeTrainer(BpeTrainerOptions options)
{
    private const int Bytes = 256;

    /// <summary>Trains on texts, in which special tokens are recognised and left alone.</summary>
    /// <exception cref="ArgumentException">The vocabulary has no room for the bytes and the special tokens.</exception>
    public string Train(IEnumerable<string> texts)
    {
        var merges = options.VocabularySize - Bytes - options.SpecialTokens.Length;
        if (merges < 0)
        {
            throw new ArgumentException(
                $"A vocabulary of {options.VocabularySize} has no room for {Bytes} bytes and {options.SpecialTokens.Length} special tokens.");
        }

        var firstByte = options.SpecialTokensFirst ? options.SpecialTokens.Length : 0;
        var tokens = new List<string>(Alphabet());
        var ids = tokens.Index().ToDictionary(entry => entry.Item, entry => entry.Index, StringComparer.Ordinal);
        var taken = new List<(string Left, string Right)>();
        var byteIds = Enumerable.Range(0, Bytes).Select(value => ids[ByteAlphabet.ToText([(byte)value])]).ToArray();
        var pairs = new PairCounts(CountPieces(texts), byteIds);
        while (tokens.Count < Bytes + merges && pairs.TryTakeMostFrequent(options.MinimumFrequency, out var pair))
        {
            // Two pairs can spell the same token ("a"+"bc", "ab"+"c"): the second merges into the token that is there.
            var token = tokens[pair.Left] + tokens[pair.Right];
            if (ids.TryAdd(token, tokens.Count))
            {
                tokens.Add(token);
            }

            taken.Add((tokens[pair.Left], tokens[pair.Right]));
            pairs.Merge(pair, ids[token]);
        }

        return TokenizerWriter.Write(options, tokens, firstByte, taken);
    }

    private Dictionary<string, int> CountPieces(IEnumerable<string> texts)
    {
        var steps = new List<SplitStep>();
        if (options.SplitRegex is { } pattern)
        {
            steps.Add(new SplitStep(OnigPattern.Compile(pattern)));
        }

        if (options.UseRegex)
        {
            steps.Add(new SplitStep(OnigPattern.Compile(SplitStep.Gpt2Pattern)));
        }

        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var counter = new PieceCounter(counts);
        var special = new AddedTokenMatcher(options.SpecialTokens.Select((token, i) => new AddedToken(i, token)));
        foreach (var text in texts)
        {
            var done = 0;
            while (special.TryFind(text, done, out _, out var start, out var end))
            {
                PieceSplitter.Split(text.AsSpan(done, start - done), steps.ToArray(), ref counter);
                done = end;
            }

            PieceSplitter.Split(text.AsSpan(done), steps.ToArray(), ref counter);
        }

        return counts;
    }

    // The bytes in the order of the characters that stand for them, as Hugging Face's trainer numbers them.
    private static IEnumerable<string> Alphabet()
        => Enumerable.Range(0, Bytes).Select(value => ByteAlphabet.ToText([(byte)value])).Order(StringComparer.Ordinal);
}
