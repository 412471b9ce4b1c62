using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Forge.Core.Chat;
using Forge.Core.Text.MiniMax;
using Forge.TestKit;

namespace Forge.Core.Tests.Text.MiniMax;

public sealed class ChatFormatGoldenTests
{
    public static TheoryData<string> RenderCases => [.. Cases("render_cases").Select(golden => GoldenChat.Text(golden, "id")!)];

    public static TheoryData<string> PrefixCases => [.. Cases("prefix_stability").Select(golden => GoldenChat.Text(golden, "id")!)];

    [Theory]
    [MemberData(nameof(RenderCases))]
    public void Render_gives_the_templates_text(string id)
    {
        var golden = Cases("render_cases").Single(one => GoldenChat.Text(one, "id") == id);
        var format = new MiniMaxM2ChatFormat(Options(golden));
        var messages = GoldenChat.Messages(golden.GetProperty("messages"));

        string Render() => format.Render(messages, GoldenChat.Tools(golden), golden.GetProperty("add_generation_prompt").GetBoolean());

        if (golden.TryGetProperty("expected_error", out _))
        {
            Assert.Throws<ArgumentException>(Render);
        }
        else
        {
            // Null content is the empty string: design decision, and what serving engines do.
            Assert.Equal(GoldenChat.Text(golden, "recommended_text") ?? GoldenChat.Text(golden, "expected_text"), Render());
        }
    }

    [Theory]
    [MemberData(nameof(PrefixCases))]
    public void Render_is_stable_over_turns_where_the_template_is(string id)
    {
        var golden = Cases("prefix_stability").Single(one => GoldenChat.Text(one, "id") == id);
        var messages = GoldenChat.Messages(golden.GetProperty("messages"));
        foreach (var run in golden.GetProperty("runs").EnumerateArray())
        {
            var format = new MiniMaxM2ChatFormat(
                new MiniMaxM2ChatOptions { ClearThinking = GoldenChat.Text(run, "mode") != "clear_thinking_false" });
            string? previous = null;
            foreach (var checkpoint in run.GetProperty("checkpoints").EnumerateArray())
            {
                var text = format.Render(
                    [.. messages.Take(checkpoint.GetProperty("n_messages").GetInt32())],
                    GoldenChat.Tools(golden),
                    checkpoint.GetProperty("add_generation_prompt").GetBoolean());

                Assert.Equal(checkpoint.GetProperty("utf8_bytes").GetInt32(), Encoding.UTF8.GetByteCount(text));
                Assert.Equal(GoldenChat.Text(checkpoint, "sha256"), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
                if (previous is not null)
                {
                    Assert.Equal(
                        checkpoint.GetProperty("previous_is_prefix").GetBoolean(),
                        text.StartsWith(previous, StringComparison.Ordinal));
                }

                previous = text;
            }
        }
    }

    [Theory]
    [MemberData(nameof(RenderCases))]
    public void RenderFrom_continues_after_every_assistants_end_token(string id)
    {
        var golden = Cases("render_cases").Single(one => GoldenChat.Text(one, "id") == id);
        if (golden.TryGetProperty("expected_error", out _))
        {
            return;
        }

        var messages = GoldenChat.Messages(golden.GetProperty("messages"));
        var tools = GoldenChat.Tools(golden);
        var format = new MiniMaxM2ChatFormat(Options(golden) with { ClearThinking = false });
        var whole = format.Render(messages, tools);
        for (var first = 1; first <= messages.Length; first++)
        {
            if (messages[first - 1].Role == ChatRole.Assistant)
            {
                var head = format.Render([.. messages.Take(first)], tools, addGenerationPrompt: false).TrimEnd('\n');

                Assert.EndsWith(MiniMaxM2Tokens.End, head, StringComparison.Ordinal);
                Assert.Equal(whole, head + format.RenderFrom(messages, first));
                Assert.True(format.KeepsHistory(messages, first));
            }
        }
    }

    private static MiniMaxM2ChatOptions Options(JsonElement golden)
    {
        var first = golden.GetProperty("messages")[0];
        var keep = golden.GetProperty("template_kwargs").TryGetProperty("clear_thinking", out var clear) && !clear.GetBoolean();
        return new MiniMaxM2ChatOptions
        {
            Model = GoldenChat.Text(golden, "model")!,
            ClearThinking = !keep,
            CurrentDate = GoldenChat.Text(first, "current_date"),
            CurrentLocation = GoldenChat.Text(first, "current_location"),
        };
    }

    private static JsonElement[] Cases(string file)
        => [.. JsonDocument.Parse(File.ReadAllText(Golden.Path($"chat_format/{file}.json"))).RootElement.GetProperty("cases").EnumerateArray()];
}
