using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Text.MiniMax;

namespace Forge.Core.Tests.Text.MiniMax;

/// <summary>Each test is a row of the decisions in docs/chat-format.md.</summary>
public sealed class ParserDecisionTests
{
    private const string Open = "<minimax:tool_call>\n";
    private const string Close = "</minimax:tool_call>";
    private const string Ping = "<invoke name=\"ping\">\n</invoke>\n";

    [Theory]
    [InlineData(Open + Ping + Close, false, false, 1, "")]
    [InlineData("\n" + Open + Ping + Close + "\n", false, false, 1, "")]
    [InlineData("a\n" + Open + Ping + Close + "\n" + Open + Ping + Close, false, false, 2, "a")]
    [InlineData(Open + Ping + Close + "\nb", false, false, 1, "\nb")]
    [InlineData(Open + Ping + Close + " \n " + Open + Close, true, false, 1, " \n " + Open + Close)]
    [InlineData("a\n" + Open + Ping, true, true, 0, "a\n" + Open + Ping)]
    [InlineData(Open + "<invoke name=\"ping\">\n" + Close, true, false, 0, Open + "<invoke name=\"ping\">\n" + Close)]
    [InlineData(Open + "<invoke name=\"ping\">\n" + Ping + Close, true, false, 0, Open + "<invoke name=\"ping\">\n" + Ping + Close)]
    [InlineData(Open + "<parameter name=\"a\">1</parameter>" + Ping + Close, true, false, 0, Open + "<parameter name=\"a\">1</parameter>" + Ping + Close)]
    [InlineData(Open + Close, true, false, 0, Open + Close)]
    [InlineData(Open + "noise" + Ping + Close, true, false, 1, "")]
    [InlineData(Open + "<invoke name=\"\">\n</invoke>" + Close, true, false, 0, Open + "<invoke name=\"\">\n</invoke>" + Close)]
    [InlineData(Open + "<invoke name=\"pi\nng\">\n</invoke>" + Close, true, false, 0, Open + "<invoke name=\"pi\nng\">\n</invoke>" + Close)]
    [InlineData(Ping, true, false, 0, Ping)]
    [InlineData("x" + Close, true, false, 0, "x" + Close)]
    [InlineData(Open + "<invoke></invoke>" + Close + "\n" + Open + Ping + Close, true, false, 1, Open + "<invoke></invoke>" + Close)]
    public void Blocks_are_calls_or_text(string text, bool malformed, bool truncated, int calls, string content)
    {
        var parser = new MiniMaxM2OutputParser(ToolSchemas.Empty, startsInThinking: false);
        foreach (var c in text)
        {
            parser.Feed([c]);
        }

        Assert.All([MiniMaxM2OutputParser.Parse(text, [], startsInThinking: false), parser.Finish()], parsed =>
        {
            Assert.Equal((malformed, truncated, calls), (parsed.Malformed, parsed.Truncated, parsed.ToolCalls.Length));
            Assert.Equal(content, parsed.Content);
        });
    }

    [Theory]
    [InlineData("thinking\n" + Open + Ping + Close + "\n</think>\n\nno", 0, "no", true)]
    [InlineData("thinking\n" + Open + Ping + Close, 0, "", false)]
    [InlineData("thinking\n</think>\n\n\n" + Open + Ping + Close, 1, "", true)]
    public void A_call_inside_thinking_is_not_executed(string text, int calls, string content, bool closed)
    {
        var parsed = MiniMaxM2OutputParser.Parse(text, []);

        Assert.Equal((calls, content, closed), (parsed.ToolCalls.Length, parsed.Content, parsed.ThinkingClosed));
        Assert.False(parsed.Malformed);
    }

    [Theory]
    [InlineData("""{"type": "string"}""", "null", "\"null\"")]
    [InlineData("""{"type": "integer"}""", "null", "\"null\"")]
    [InlineData("""{"type": ["integer", "null"]}""", " null ", "null")]
    [InlineData("""{"type": ["string", "null"]}""", "null", "null")]
    [InlineData("""{"type": ["string", "null"]}""", " null", "\" null\"")]
    [InlineData("""{"type": ["string", "null"]}""", "none", "\"none\"")]
    [InlineData("""{"type": "string", "nullable": true}""", "null", "null")]
    [InlineData("""{"type": "integer"}""", " 5\n", "5")]
    [InlineData("""{"type": "integer"}""", "5.0", "5")]
    [InlineData("""{"type": "integer"}""", "1e3", "1000")]
    [InlineData("""{"type": "integer"}""", "12345678901234567890123", "12345678901234567890123")]
    [InlineData("""{"type": "integer"}""", "007", "\"007\"")]
    [InlineData("""{"type": "number"}""", "2.50", "2.50")]
    [InlineData("""{"type": "number"}""", "-1e999", "\"-1e999\"")]
    [InlineData("""{"type": "number"}""", "NaN", "\"NaN\"")]
    [InlineData("""{"type": ["integer", "string"]}""", "5.0", "\"5.0\"")]
    [InlineData("""{"type": ["boolean", "string"]}""", "True", "\"True\"")]
    [InlineData("""{"type": ["boolean", "integer"]}""", "1", "1")]
    [InlineData("""{"type": "object"}""", " {\"a\" : 1} ", "{\"a\" : 1}")]
    [InlineData("""{"type": "object"}""", "{\"a\": 1e999}", "\"{\\\"a\\\": 1e999}\"")]
    [InlineData("""{"type": "object"}""", "5", "\"5\"")]
    [InlineData("""{"$ref": "#/$defs/Days"}""", "5", "5")]
    [InlineData("""{"$ref": "#/$defs/Loop"}""", "5", "\"5\"")]
    [InlineData("""{"allOf": [{"oneOf": [{"const": 3}]}]}""", "3", "3")]
    [InlineData("""{"type": "odd"}""", "5", "\"5\"")]
    [InlineData("true", "5", "\"5\"")]
    public void Values_are_typed_by_the_schema_and_otherwise_verbatim(string schema, string text, string expected)
    {
        ImmutableArray<ToolDefinition> tools = [new("f", "", "{\"properties\": {\"a\": " + schema
            + "}, \"$defs\": {\"Days\": {\"type\": \"integer\"}, \"Loop\": {\"$ref\": \"#/$defs/Loop\"}}}")];

        var parsed = MiniMaxM2OutputParser.Parse(
            $"{Open}<invoke name=\"f\"><parameter name=\"a\">{text}</parameter></invoke>{Close}", tools, startsInThinking: false);

        Assert.Equal($"{{\"a\": {expected}}}", Assert.Single(parsed.ToolCalls).ArgumentsJson);
    }

    [Fact]
    public void A_value_may_hold_every_tag_but_its_own_end()
    {
        const string Value = "</invoke></minimax:tool_call><minimax:tool_call></think><invoke name=\"x\">";

        var parsed = MiniMaxM2OutputParser.Parse(
            $"{Open}<invoke name=\"f\"><parameter name=\"a\">{Value}</parameter></invoke>{Close}", [], startsInThinking: false);

        Assert.Contains("</minimax:tool_call>", Assert.Single(parsed.ToolCalls).ArgumentsJson, StringComparison.Ordinal);
        Assert.False(parsed.Malformed);
    }

    [Fact]
    public void Calls_are_named_by_the_prefix_and_their_index()
    {
        var parsed = MiniMaxM2OutputParser.Parse(Open + Ping + Ping + Close + Open + Ping + Close, [], startsInThinking: false, callIdPrefix: "c7_");

        Assert.Equal(["c7_0", "c7_1", "c7_2"], parsed.ToolCalls.Select(call => call.Id));
    }
}
