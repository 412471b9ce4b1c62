using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Core.Text.MiniMax;
using Forge.TestKit;

namespace Forge.Core.Tests.Text.MiniMax;

/// <summary>The choices made where the reference parsers disagree are listed in docs/chat-format.md.</summary>
public sealed class ParserGoldenTests
{
    // The parser keeps what these peers' tests strip or unescape: values are verbatim.
    private static readonly string[] VerbatimInstead = ["s_multi_newline_strip", "r_xml_unescape"];

    public static TheoryData<string> ToolCallCases => Ids("tool_calls");

    public static TheoryData<string> ReasoningCases => Ids("reasoning");

    public static TheoryData<string> FullCases => Ids("full_output");

    public static TheoryData<string> RoundTripCases => Ids("template_roundtrip");

    public static TheoryData<string> StreamingCases => Ids("streaming");

    public static TheoryData<string> PeerCases => Ids("peer_unit_tests");

    [Theory]
    [MemberData(nameof(ToolCallCases))]
    public void Tool_calls_are_the_consensus_or_one_of_the_outcomes(string id)
    {
        var golden = Case("tool_calls", id);

        var parsed = MiniMaxM2OutputParser.Parse(GoldenChat.Text(golden, "text")!, GoldenChat.Tools(golden), startsInThinking: false);

        var calls = CallsOf(parsed);
        if (golden.GetProperty("calls_consensus").GetBoolean())
        {
            AssertSame(golden.GetProperty("tool_calls"), calls);
        }

        if (golden.GetProperty("content_consensus").GetBoolean())
        {
            Assert.Equal(GoldenChat.Text(golden, "content") ?? "", parsed.Content);
        }

        Assert.Contains(golden.GetProperty("outcomes").EnumerateArray(), outcome =>
            outcome.TryGetProperty("tool_calls", out var expected)
            && JsonNode.DeepEquals(JsonNode.Parse(expected.GetRawText()), calls)
            && (!outcome.TryGetProperty("content", out _) || (GoldenChat.Text(outcome, "content") ?? "") == parsed.Content));
    }

    [Theory]
    [MemberData(nameof(ReasoningCases))]
    public void Reasoning_is_split_at_the_first_end_tag(string id)
    {
        var golden = Case("reasoning", id);

        var parsed = MiniMaxM2OutputParser.Parse(GoldenChat.Text(golden, "text")!, []);

        if (golden.GetProperty("consensus").GetBoolean())
        {
            var outcome = golden.GetProperty("outcomes")[0];
            Assert.Equal(GoldenChat.Text(outcome, "reasoning") ?? "", parsed.Reasoning);
            Assert.Equal(GoldenChat.Text(outcome, "content") ?? "", parsed.Content);
        }
        else
        {
            var (reasoning, content) = id switch
            {
                "r_native_newlines" => ("I should answer.", "The answer is 4."),
                "r_start_token_emitted" => ("<think>\nI repeat the tag.", "ok"),
                "r_two_ends" => ("a", "b</think>c"),
                _ => throw new InvalidOperationException($"Case {id} needs a decision."),
            };
            Assert.Equal(reasoning, parsed.Reasoning);
            Assert.Equal(content, parsed.Content);
        }
    }

    [Theory]
    [MemberData(nameof(FullCases))]
    public void Full_outputs_give_one_of_the_outcomes_but_for_the_formats_own_newlines(string id)
    {
        var golden = Case("full_output", id);

        var parsed = MiniMaxM2OutputParser.Parse(GoldenChat.Text(golden, "text")!, GoldenChat.Tools(golden));

        Assert.Contains(golden.GetProperty("outcomes").EnumerateArray(), outcome =>
            WithoutNewline(GoldenChat.Text(outcome, "reasoning") ?? "") == parsed.Reasoning
            && WithoutSeparators(GoldenChat.Text(outcome, "content") ?? "", parsed.ToolCalls.Length > 0) == parsed.Content
            && JsonNode.DeepEquals(JsonNode.Parse(outcome.GetProperty("tool_calls").GetRawText()), CallsOf(parsed)));
    }

    [Theory]
    [MemberData(nameof(RoundTripCases))]
    public void Parsing_inverts_the_template(string id)
    {
        var golden = Case("template_roundtrip", id);
        var message = golden.GetProperty("message");

        var parsed = MiniMaxM2OutputParser.Parse(GoldenChat.Text(golden, "model_output")!, GoldenChat.Tools(golden));

        Assert.Equal(GoldenChat.Text(message, "reasoning"), parsed.Reasoning);
        Assert.Equal(GoldenChat.Text(message, "content"), parsed.Content);
        AssertSame(message.GetProperty("tool_calls"), CallsOf(parsed));
        Assert.False(parsed.Malformed);
    }

    [Theory]
    [MemberData(nameof(RoundTripCases))]
    public void Rendering_the_parsed_message_gives_the_output_back(string id)
    {
        var golden = Case("template_roundtrip", id);
        var output = GoldenChat.Text(golden, "model_output")!;
        ImmutableArray<ChatMessage> messages = [new ChatMessage { Role = ChatRole.User, Content = "q" }];
        var format = new MiniMaxM2ChatFormat();

        var parsed = MiniMaxM2OutputParser.Parse(output, GoldenChat.Tools(golden));

        var again = format.Render([.. messages, parsed.ToMessage()], [], addGenerationPrompt: false);
        Assert.Equal(format.Render(messages, []) + output + MiniMaxM2Tokens.End + "\n", again);
    }

    [Theory]
    [MemberData(nameof(StreamingCases))]
    public void Every_cut_of_the_bytes_gives_the_one_shot_result(string id)
    {
        var golden = Case("streaming", id);
        var schemas = new ToolSchemas(GoldenChat.Tools(golden));
        var bytes = Encoding.UTF8.GetBytes(GoldenChat.Text(golden, "text")!);
        var oneShot = Describe(Parse(schemas, [bytes]));

        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(oneShot, Describe(Parse(schemas, [bytes[..cut], bytes[cut..]])));
        }

        Assert.Equal(oneShot, Describe(Parse(schemas, bytes.Chunk(1))));
        Assert.Contains(golden.GetProperty("single_shot").EnumerateArray(), outcome =>
            JsonNode.DeepEquals(
                JsonNode.Parse(outcome.GetProperty("tool_calls").GetRawText()), CallsOf(Parse(schemas, [bytes])))
            && (GoldenChat.Text(outcome, "content") ?? "") == Parse(schemas, [bytes]).Content);
    }

    [Theory]
    [MemberData(nameof(StreamingCases))]
    public void Deltas_add_up_to_the_result(string id)
    {
        var golden = Case("streaming", id);
        var parser = new MiniMaxM2OutputParser(new ToolSchemas(GoldenChat.Tools(golden)), startsInThinking: false);
        var deltas = new List<OutputDelta>();
        foreach (var chunk in golden.GetProperty("token_like_chunks").EnumerateArray())
        {
            deltas.AddRange(parser.Feed(chunk.GetString()));
        }

        var parsed = parser.Finish();

        Assert.StartsWith(string.Concat(deltas.Select(delta => delta.Content)), parsed.Content, StringComparison.Ordinal);
        Assert.Equal(parsed.ToolCalls, deltas.Where(delta => delta.Call is not null).Select(delta => delta.Call!));
    }

    [Theory]
    [MemberData(nameof(PeerCases))]
    public void The_peers_own_tests_hold(string id)
    {
        var golden = Case("peer_unit_tests", id);
        var parser = new MiniMaxM2OutputParser(new ToolSchemas(GoldenChat.Tools(golden)), startsInThinking: false);
        var fed = "";
        foreach (var chunk in golden.GetProperty("chunks").EnumerateArray())
        {
            parser.Feed(chunk.GetString());
            fed += chunk.GetString();
        }

        var parsed = parser.Finish();

        var expected = golden.GetProperty("expected");
        if (expected.TryGetProperty("tool_calls", out var calls))
        {
            Assert.Equal(!VerbatimInstead.Contains(id), JsonNode.DeepEquals(JsonNode.Parse(calls.GetRawText()), CallsOf(parsed)));
        }

        if (expected.TryGetProperty("content", out _))
        {
            Assert.Equal(GoldenChat.Text(expected, "content") ?? "", parsed.Content);
        }

        if (expected.TryGetProperty("nothing_lost", out _))
        {
            Assert.Equal(fed, parsed.Content);
        }
    }

    private static ParsedOutput Parse(ToolSchemas schemas, IEnumerable<byte[]> chunks)
    {
        var parser = new MiniMaxM2OutputParser(schemas, startsInThinking: false);
        foreach (var chunk in chunks)
        {
            parser.FeedBytes(chunk);
        }

        return parser.Finish();
    }

    private static string Describe(ParsedOutput parsed)
        => $"{parsed.Reasoning}|{parsed.Content}|{CallsOf(parsed).ToJsonString()}|{parsed.Malformed}|{parsed.Truncated}";

    private static JsonArray CallsOf(ParsedOutput parsed) => [.. parsed.ToolCalls.Select(call =>
        (JsonNode)new JsonObject { ["name"] = call.Name, ["arguments"] = JsonNode.Parse(call.ArgumentsJson) })];

    private static void AssertSame(JsonElement expected, JsonArray actual)
        => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected.GetRawText()), actual), $"{expected}\n{actual.ToJsonString()}");

    private static string WithoutNewline(string text) => text.EndsWith('\n') ? text[..^1] : text;

    private static string WithoutSeparators(string text, bool beforeCalls)
    {
        var content = text.StartsWith("\n\n", StringComparison.Ordinal) ? text[2..] : text;
        return beforeCalls ? WithoutNewline(content) : content;
    }

    private static TheoryData<string> Ids(string file) => [.. Cases(file).Select(golden => GoldenChat.Text(golden, "id")!)];

    private static JsonElement Case(string file, string id) => Cases(file).Single(golden => GoldenChat.Text(golden, "id") == id);

    private static JsonElement[] Cases(string file)
        => [.. JsonDocument.Parse(File.ReadAllText(Golden.Path($"parsers/{file}.json"))).RootElement.GetProperty("cases").EnumerateArray()];
}
