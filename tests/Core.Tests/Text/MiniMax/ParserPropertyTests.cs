using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Core.Text.MiniMax;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Text.MiniMax;

public sealed class ParserPropertyTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(60);

    private static readonly ImmutableArray<ToolDefinition> Tools =
    [
        new("f", "", """{"type": "object", "properties": {"s": {"type": "string"}, "days": {"type": "integer"}, "n": {"type": "number"}, "b": {"type": "boolean"}, "o": {"type": "object"}, "l": {"type": "array"}, "z": {"type": ["string", "null"]}}}"""),
        new("g", "", "{}"),
    ];

    private static readonly ToolSchemas Schemas = new(Tools);

    [Fact]
    public void Any_cut_of_a_text_parses_the_same()
        => Prop.ForAll(
            TextGenerators.Texts,
            Gen.Choose(1, 12).ListOf().Where(sizes => sizes.Count > 0).ToArbitrary(),
            (text, sizes) => Describe(ParseChunks(Encoding.UTF8.GetBytes(text), sizes)) == Describe(MiniMaxM2OutputParser.Parse(text, Tools)))
            .Check(Runs);

    [Fact]
    public void Any_cut_of_arbitrary_bytes_parses_the_same()
        => Prop.ForAll(
            TextGenerators.Bytes,
            Gen.Choose(1, 5).ListOf().Where(sizes => sizes.Count > 0).ToArbitrary(),
            (bytes, sizes) => Describe(ParseChunks(bytes, sizes)) == Describe(ParseChunks(bytes, [Math.Max(1, bytes.Length)])))
            .Check(Runs);

    [Fact]
    public void Deltas_never_take_back_anything()
        => Prop.ForAll(
            TextGenerators.Texts,
            text =>
            {
                var parser = new MiniMaxM2OutputParser(Schemas);
                var deltas = text.SelectMany(c => parser.Feed([c]).ToArray()).ToArray();
                var parsed = parser.Finish();
                return parsed.Reasoning.StartsWith(string.Concat(deltas.Select(delta => delta.Reasoning)), StringComparison.Ordinal)
                    && parsed.Content.StartsWith(string.Concat(deltas.Select(delta => delta.Content)), StringComparison.Ordinal)
                    && parsed.ToolCalls.Take(deltas.Count(delta => delta.Call is not null))
                        .SequenceEqual(deltas.Where(delta => delta.Call is not null).Select(delta => delta.Call!));
            }).Check(Runs);

    [Fact]
    public void Arguments_are_always_a_JSON_object()
        => Prop.ForAll(
            TextGenerators.Texts,
            value => MiniMaxM2OutputParser.Parse(
                    $"</think><minimax:tool_call><invoke name=\"f\"><parameter name=\"days\">{value}</parameter><parameter name=\"o\">{value}</parameter></invoke></minimax:tool_call>",
                    Tools).ToolCalls
                .All(call => JsonNode.Parse(call.ArgumentsJson) is JsonObject))
            .Check(Runs);

    [Fact]
    public void Without_tags_all_text_is_kept()
        => Prop.ForAll(
            TextGenerators.TextsWithout("<minimax:tool_call>", "</think>").ToArbitrary(),
            TextGenerators.TextsWithout("<minimax:tool_call>").ToArbitrary(),
            (thinking, content) =>
            {
                var parsed = MiniMaxM2OutputParser.Parse($"{thinking}\n</think>\n\n{content}", Tools);
                return parsed.Reasoning == thinking && parsed.Content == content && parsed.ToolCalls.IsEmpty && parsed.ThinkingClosed;
            }).Check(Runs);

    [Fact]
    public void Parsing_inverts_rendering()
        => Prop.ForAll(
            Messages().ToArbitrary(),
            message =>
            {
                ImmutableArray<ChatMessage> history = [new ChatMessage { Role = ChatRole.User, Content = "q" }];
                var format = new MiniMaxM2ChatFormat();
                var prompt = format.Render(history, Tools);
                var whole = format.Render([.. history, message], Tools, addGenerationPrompt: false);
                var output = whole[prompt.Length..^(MiniMaxM2Tokens.End.Length + 1)];

                var parsed = MiniMaxM2OutputParser.Parse(output, Tools);

                return whole.StartsWith(prompt, StringComparison.Ordinal)
                    && parsed.Reasoning == message.ReasoningContent
                    && parsed.Content == message.Content
                    && parsed.ToolCalls.Length == message.ToolCalls.Length
                    && parsed.ToolCalls.Zip(message.ToolCalls).All(pair => SameCall(pair.First, pair.Second))
                    && format.Render([.. history, parsed.ToMessage()], Tools, addGenerationPrompt: false) == whole;
            }).Check(Runs);

    private static bool SameCall(ToolCall one, ToolCall other)
        => one.Name == other.Name && JsonNode.DeepEquals(JsonNode.Parse(one.ArgumentsJson), JsonNode.Parse(other.ArgumentsJson));

    private static ParsedOutput ParseChunks(byte[] bytes, List<int> sizes)
    {
        var parser = new MiniMaxM2OutputParser(Schemas);
        for (var (at, i) = (0, 0); at < bytes.Length; i++)
        {
            var size = Math.Min(sizes[i % sizes.Count], bytes.Length - at);
            parser.FeedBytes(bytes.AsSpan(at, size));
            at += size;
        }

        return parser.Finish();
    }

    private static string Describe(ParsedOutput parsed)
        => $"{parsed.Reasoning}|{parsed.Content}|{string.Join(';', parsed.ToolCalls)}|{parsed.Malformed}|{parsed.Truncated}|{parsed.ThinkingClosed}";

    private static Gen<ChatMessage> Messages() =>
        from reasoning in TextGenerators.TextsWithout("</think>").Where(text => text.Length > 0)
        from content in TextGenerators.TextsWithout("<minimax:tool_call>")
        from calls in Calls().ListOf().Where(calls => calls.Count < 4)
        select new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = reasoning, Content = content, ToolCalls = [.. calls] };

    // What the format can't carry: a value with the end of a parameter in it, and a string that the schema reads as another type.
    private static Gen<ToolCall> Calls() =>
        from name in Gen.Elements("f", "g", "unknown tool")
        from text in TextGenerators.TextsWithout("</parameter>")
        from key in TextGenerators.TextsWithout("\n", "\">").Where(key => key is not ("days" or "n" or "b" or "o" or "l" or "z" or "s"))
        from days in Gen.Choose(-1000, 1000)
        from number in Gen.Elements("0.5", "1e-07", "-2.75", "1000.0", "12345678901234567890")
        from typed in Gen.Elements(true, false)
        select new ToolCall("id", name, Arguments(name == "f" && typed, key, text, days, number).ToJsonString());

    private static JsonObject Arguments(bool typed, string key, string text, int days, string number)
    {
        var arguments = new JsonObject { [key] = text, ["s"] = text };
        if (typed)
        {
            arguments["days"] = days;
            arguments["n"] = JsonNode.Parse(number);
            arguments["b"] = days > 0;
            arguments["o"] = new JsonObject { [key.Replace("<", "", StringComparison.Ordinal)] = text.Replace("<", "", StringComparison.Ordinal), ["x"] = new JsonArray(days, null) };
            arguments["l"] = new JsonArray(text.Replace("<", "", StringComparison.Ordinal), 1.5);
            arguments["z"] = null;
        }

        return arguments;
    }
}
