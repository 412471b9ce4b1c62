using Forge.Core.Text.Tokenization;

namespace Forge.Core.Tests.Text.Tokenization;

public sealed class OnigPatternTests
{
    // Qwen's and Llama 3's kind of pattern, with possessive repeats.
    private const string Possessive =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s";

    [Theory]
    [InlineData("a++", "(?>a+)")]
    [InlineData("[^a]?+b", "(?>[^a]?)b")]
    [InlineData(@"x\p{L}*+", @"x(?>\p{L}*)")]
    [InlineData("(ab|c)*+d", "(?>(ab|c)*)d")]
    [InlineData("a+?b??", "a+?b??")]
    [InlineData("a{2,3}?", "a{2,3}?")]
    [InlineData("xa{1,3}+", "x(?:a{1,3})+")]
    [InlineData("a{x}+", "a{x}+")]
    [InlineData(@"\++", @"\++")]
    [InlineData("[+*]++", "(?>[+*]+)")]
    [InlineData(@"[\]+]++", @"(?>[\]+]+)")]
    [InlineData("(?i:a1)", "(?i:a1)")]
    [InlineData("(?i:'k|s)", "(?:'[kK\u212A]|[sS\u017F])")]
    public void Translate_rewrites_only_what_differs(string onig, string expected)
        => Assert.Equal(expected, OnigPattern.Translate(onig));

    [Theory]
    [InlineData("[a&&b]")]
    [InlineData("[a[b]]")]
    [InlineData(@"\p{Han}+")]
    [InlineData("(")]
    public void Compile_refuses_what_it_cannot_mean(string onig)
        => Assert.Throws<NotSupportedException>(() => OnigPattern.Compile(onig));

    [Fact]
    public void A_possessive_pattern_splits_like_its_plain_form()
    {
        var pieces = OnigPattern.Compile(Possessive).Matches("I'LL go  to 12345 x_y\n\n end ").Select(match => match.Value);

        Assert.Equal(["I", "'LL", " go", " ", " to", " ", "123", "45", " x", "_y", "\n\n", " end", " "], pieces);
    }

    [Fact]
    public void Case_folding_takes_the_long_s()
        => Assert.Matches(OnigPattern.Compile("^(?i:'s)$"), "'\u017F");
}
