using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Text.MiniMax;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Text.MiniMax;

public sealed class ChatFormatPropertyTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(12);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_rendering_is_what_went_before_and_the_continuation(bool clearThinking)
    {
        var format = new MiniMaxM2ChatFormat(new MiniMaxM2ChatOptions { ClearThinking = clearThinking });
        Prop.ForAll(Conversations().ToArbitrary(), messages =>
        {
            var whole = format.Render(messages, []);
            return Continuations(messages).All(first =>
            {
                var head = format.Render([.. messages.Take(first)], [], addGenerationPrompt: false)[..^1];
                return format.KeepsHistory(messages, first)
                    ? whole == head + format.RenderFrom(messages, first)
                    : !whole.StartsWith(head, StringComparison.Ordinal);
            });
        }).Check(Runs);
    }

    [Fact]
    public void Only_an_assistants_turn_can_be_continued()
    {
        ImmutableArray<ChatMessage> messages = [new() { Role = ChatRole.User }, new() { Role = ChatRole.Assistant }];

        Assert.Throws<ArgumentException>(() => new MiniMaxM2ChatFormat().RenderFrom(messages, 1));
        Assert.Equal("\n]~b]ai\n<think>\n", new MiniMaxM2ChatFormat().RenderFrom(messages, 2));
    }

    private static IEnumerable<int> Continuations(ImmutableArray<ChatMessage> messages)
        => Enumerable.Range(1, messages.Length).Where(first => messages[first - 1].Role == ChatRole.Assistant);

    // A tool message only where a call came before: otherwise rendering is an error.
    private static Gen<ImmutableArray<ChatMessage>> Conversations()
        => Message().ListOf().Where(messages => messages.Count > 0).Select(messages =>
        {
            var mayAnswer = false;
            var kept = new List<ChatMessage>();
            foreach (var message in messages)
            {
                mayAnswer = message.Role == ChatRole.Assistant ? !message.ToolCalls.IsEmpty : mayAnswer;
                if (message.Role != ChatRole.Tool || mayAnswer)
                {
                    kept.Add(message);
                }
            }

            return kept.ToImmutableArray();
        });

    private static Gen<ChatMessage> Message() =>
        from role in Gen.Elements(ChatRole.User, ChatRole.Assistant, ChatRole.Assistant, ChatRole.Tool, ChatRole.Tool, ChatRole.System)
        from content in Gen.Elements("", "a", "b\n", "中文", "x</think>y", "<think>\nt\n</think>\n\nz")
        from reasoning in Gen.Elements(null, "", "why", "because\n")
        from calls in Gen.Elements(0, 0, 1, 2)
        from parts in Gen.Elements(true, false)
        select new ChatMessage
        {
            Role = role,
            Content = content,
            ContentParts = parts ? [content, "part"] : null,
            ReasoningContent = role == ChatRole.Assistant ? reasoning : null,
            ToolCalls = role == ChatRole.Assistant
                ? [.. Enumerable.Range(0, calls).Select(i => new ToolCall($"c{i}", "f", "{\"a\": 1.50, \"b\": \"x\"}"))]
                : [],
        };
}
