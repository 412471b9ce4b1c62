using Forge.Core.Text.Tokenization;
using Forge.Core.Text.Training;

namespace Forge.Core.Tests.Text.Tokenization;

public sealed class PieceSplitterTests
{
    [Theory]
    [InlineData("a𠀀b c", "a𠀀b| c")]
    [InlineData("𝐀𝐛C", "𝐀𝐛|C")]
    [InlineData("𝟘𝟙𝟚𝟛4", "𝟘𝟙𝟚|𝟛4")]
    [InlineData("x🚀🚀\n/y", "x|🚀🚀\n/|y")]
    [InlineData("𞤀'S 𞤢", "𞤀'S| 𞤢")]
    public void Characters_beyond_the_basic_plane_split_by_their_category(string text, string expected)
        => Assert.Equal(expected.Split('|'), Split(text, new SplitStep(OnigPattern.Compile(BpeTrainerOptions.O200kRegex))));

    [Fact]
    public void Steps_split_what_the_steps_before_left_whole()
        => Assert.Equal(
            ["ab", " ", "1", "2", " ", "c"],
            Split("ab 12 c", new SplitStep(OnigPattern.Compile(@"\s")), new SplitStep(OnigPattern.Compile(@"\d"))));

    [Theory]
    [InlineData(false, true, "a|c")]
    [InlineData(true, false, "1|2")]
    public void A_step_may_drop_its_matches_or_what_lies_between(bool keepMatches, bool keepGaps, string expected)
        => Assert.Equal(expected.Split('|'), Split("a1c2", new SplitStep(OnigPattern.Compile(@"\d"), keepMatches, keepGaps)));

    private static List<string> Split(string text, params SplitStep[] steps)
    {
        var pieces = new List<string>();
        var collector = new Collector(pieces);
        PieceSplitter.Split(text, steps, ref collector);
        return pieces;
    }

    private readonly struct Collector(List<string> pieces) : IPieceConsumer
    {
        public void Take(ReadOnlySpan<char> piece) => pieces.Add(piece.ToString());
    }
}
