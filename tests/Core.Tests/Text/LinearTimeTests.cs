using Forge.Core.Tests.Text.Tokenization;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;

namespace Forge.Core.Tests.Text;

/// <summary>
/// A million characters of the worst kinds. Linear work takes a fraction of a second; quadratic work would take longer
/// than the limit even where a vectorised search does it.
/// </summary>
[Trait("Tier", "long")]
public sealed class LinearTimeTests
{
    private const int Characters = 1 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly ByteLevelBpeTokenizer Tokenizer = TokenizerGoldenTests.Load("o200k");

    public static TheoryData<string, string> Outputs => new()
    {
        { "", "<" },
        { "", "\n" },
        { "", "\n</thin" },
        { "</think>", "\n" },
        { "</think>", "<minimax:tool_call" },
        { "</think>", "<minimax:tool_call>" },
        { "</think>", "<minimax:tool_call><invoke name=\"f\"></invoke></minimax:tool_call>\n" },
        { "</think><minimax:tool_call>", "<invoke name=" },
        { "</think><minimax:tool_call>", "<invoke nam" },
        { "</think><minimax:tool_call><invoke name=", "\"" },
        { "</think><minimax:tool_call><invoke name=\"f\">", "<parameter name=\"" },
        { "</think><minimax:tool_call><invoke name=\"f\"><parameter name=\"a\">", "</paramete" },
        { "</think><minimax:tool_call><invoke name=\"f\"><parameter name=\"a\">", "[" },
    };

    public static TheoryData<string> Texts => ["a", " ", "\n", "<", "A", "中", "🚀", "1", "]~b", "'s", "Aa中", " \n", "é", "x "];

    [Theory]
    [MemberData(nameof(Outputs))]
    public async Task Parsing_takes_linear_time(string head, string unit)
    {
        var text = head + Repeat(unit) + "</parameter></invoke></minimax:tool_call>";

        var once = await Task.Run(() => MiniMaxM2OutputParser.Parse(text, [])).WaitAsync(Limit, TestContext.Current.CancellationToken);
        var again = await Task.Run(() => ParseCharacters(text)).WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Equal(once.Content, again.Content);
        Assert.Equal(once.ToolCalls, again.ToolCalls);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Encoding_takes_linear_time(string unit)
    {
        var text = Repeat(unit) + "x";

        var ids = await Task.Run(() => Tokenizer.Encode(text)).WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Equal(text, Tokenizer.Decode([.. ids]));
    }

    private static string Repeat(string unit) => string.Concat(Enumerable.Repeat(unit, Characters / unit.Length));

    private static ParsedOutput ParseCharacters(string text)
    {
        var parser = new MiniMaxM2OutputParser(ToolSchemas.Empty);
        foreach (var c in text)
        {
            parser.Feed([c]);
        }

        return parser.Finish();
    }
}
