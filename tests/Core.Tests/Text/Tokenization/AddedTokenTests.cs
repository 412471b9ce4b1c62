using Forge.Core.Text.Tokenization;
using Forge.Core.Text.Training;

namespace Forge.Core.Tests.Text.Tokenization;

/// <summary>The rules of huggingface/tokenizers' <c>AddedVocabulary::find_matches</c>, read in its source.</summary>
public sealed class AddedTokenTests
{
    private const int First = 300;

    [Theory]
    [InlineData("a word b", "a |W| b")]
    [InlineData("sword", "sword")]
    [InlineData("words", "words")]
    [InlineData("word_", "word_")]
    [InlineData("-word-", "-|W|-")]
    [InlineData("wordéword", "wordéword")]
    [InlineData("word𠀀", "word𠀀")]
    [InlineData("🚀word", "🚀|W|")]
    [InlineData("wordword", "wordword")]
    public void A_single_word_token_needs_borders(string text, string expected)
        => Assert.Equal(expected, Cut(text, new AddedToken(First, "word") { SingleWord = true }));

    [Theory]
    [InlineData("a  T  b", "a|  T|  b")]
    [InlineData(" T T", "| T|| T|")]
    [InlineData("a\u00A0\n T", "a|\u00A0\n T|")]
    public void A_left_stripping_token_takes_the_white_space_before_it(string text, string expected)
        => Assert.Equal(expected, Covered(text, new AddedToken(First, "T") { StripsLeft = true }));

    [Theory]
    [InlineData("a  T  b", "a  |T  |b")]
    [InlineData("T T ", "|T ||T |")]
    public void A_right_stripping_token_takes_the_white_space_after_it(string text, string expected)
        => Assert.Equal(expected, Covered(text, new AddedToken(First, "T") { StripsRight = true }));

    [Fact]
    public void The_longest_token_wins_at_the_leftmost_place()
        => Assert.Equal("|ab||abc|b|abc|", Covered("ababcbabc", new AddedToken(First, "ab"), new AddedToken(First + 1, "abc")));

    [Fact]
    public void Normalized_tokens_are_looked_for_in_what_the_others_leave()
    {
        var tokenizer = With(new AddedToken(First, "a b") { Normalized = true }, new AddedToken(First + 1, " b"));

        Assert.Equal([tokenizer.TokenId("a")!.Value, First + 1], tokenizer.Encode("a b"));
    }

    private static string Cut(string text, AddedToken token)
        => Covered(text, token).Replace($"|{token.Content}|", "|W|", StringComparison.Ordinal);

    // The text with bars around what each token covers.
    private static string Covered(string text, params AddedToken[] tokens)
    {
        var matcher = new AddedTokenMatcher(tokens);
        var output = "";
        var done = 0;
        while (matcher.TryFind(text, done, out _, out var start, out var end))
        {
            output += text[done..start] + "|" + text[start..end] + "|";
            done = end;
        }

        return output + text[done..];
    }

    private static ByteLevelBpeTokenizer With(params AddedToken[] tokens)
    {
        var json = new BpeTrainer(new BpeTrainerOptions { VocabularySize = 256 }).Train([]);
        var added = tokens.Select(token =>
            $$"""{"id": {{token.Id}}, "content": "{{token.Content}}", "normalized": {{(token.Normalized ? "true" : "false")}}}""");
        return ByteLevelBpeTokenizer.Parse(
            json.Replace("\"added_tokens\": []", $"\"added_tokens\": [{string.Join(',', added)}]", StringComparison.Ordinal));
    }
}
