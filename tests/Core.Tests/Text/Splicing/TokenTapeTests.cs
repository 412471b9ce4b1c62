using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Splicing;
using Forge.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Text.Splicing;

public sealed class TokenTapeTests
{
    private const string CallText = "\n<minimax:tool_call>\n<invoke name=\"lookup\">\n<parameter name=\"of\">Ann</parameter>\n</invoke>\n</minimax:tool_call>";

    private static readonly ImmutableArray<ToolDefinition> Tools =
        [new("lookup", "Looks up.", """{"type": "object", "properties": {"of": {"type": "string"}}}""")];

    private static readonly ImmutableArray<ChatMessage> Start =
    [
        new() { Role = ChatRole.System, Content = "Look up." },
        new() { Role = ChatRole.User, Content = "boss of Ann?" },
    ];

    [Fact]
    public void Next_encodes_the_rendering_of_a_first_call()
    {
        var prompt = Tape().Next(Start, Tools);

        Assert.Equal(TinyTokenizer.Instance.Encode(new MiniMaxM2ChatFormat().Render(Start, Tools)), prompt.Ids);
        Assert.Equal((0, 0, false, 0), (prompt.SplicedTokens, prompt.Turn, prompt.Branches, prompt.RetokenisedTokens));
    }

    [Fact]
    public void Next_puts_the_exact_ids_of_prompt_and_response_before_the_new_text()
    {
        var tape = Tape();
        var first = tape.Next(Start, Tools);
        var response = Odd("think", CallText);
        tape.Append(first, response, Call);

        var second = tape.Next([.. Start, Call, Result("Bob")], Tools);

        var continuation = TinyTokenizer.Instance.Encode("\n]~b]tool\n<response>Bob</response>[e~[\n]~b]ai\n<think>\n");
        Assert.Equal([.. first.Ids, .. response, .. continuation], second.Ids);
        Assert.Equal(first.Ids.Length + response.Length, second.SplicedTokens);
        Assert.Equal((1, false, 0), (second.Turn, second.Branches, second.RetokenisedTokens));
    }

    [Fact]
    public void Next_shows_the_text_of_the_rendering_when_the_response_was_well_formed()
    {
        var tape = Tape();
        tape.Append(tape.Next(Start, Tools), Odd("think", CallText), Call);
        ImmutableArray<ChatMessage> messages = [.. Start, Call, Result("Bob")];

        var prompt = tape.Next(messages, Tools);

        Assert.Equal(new MiniMaxM2ChatFormat().Render(messages, Tools), TinyTokenizer.Instance.Decode(prompt.Ids.AsSpan()));
    }

    [Fact]
    public void Next_keeps_ids_that_another_tokenisation_of_the_text_would_not_give()
    {
        var tape = Tape();
        var first = tape.Next(Start, Tools);
        ImmutableArray<int> letterByLetter = [.. "think\n</think>".SelectMany(c => TinyTokenizer.Instance.Encode(c.ToString())), TinyTokenizer.EndTokenId];
        var reply = new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = "think" };
        tape.Append(first, letterByLetter, reply);

        var second = tape.Next([.. Start, reply], Tools);

        Assert.Equal(letterByLetter, second.Ids[first.Ids.Length..(first.Ids.Length + letterByLetter.Length)]);
    }

    [Fact]
    public void Next_ends_the_turn_of_an_answer_that_was_cut_off()
    {
        var tape = Tape();
        var first = tape.Next(Start, Tools);
        ImmutableArray<int> cutOff = [.. TinyTokenizer.Instance.Encode("think\n</think>\n\nBo")];
        var reply = new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = "think", Content = "Bo" };
        tape.Append(first, cutOff, reply);

        var second = tape.Next([.. Start, reply], Tools);

        Assert.Equal(first.Ids.Length + cutOff.Length, second.SplicedTokens);
        Assert.Equal(TinyTokenizer.EndTokenId, second.Ids[second.SplicedTokens]);
    }

    [Fact]
    public void Next_branches_and_counts_when_the_history_was_rewritten()
    {
        var tape = Tape();
        var response = Odd("think", CallText);
        tape.Append(tape.Next(Start, Tools), response, Call);
        ImmutableArray<ChatMessage> rewritten = [Start[0], new() { Role = ChatRole.User, Content = "boss of Bob?" }, Call, Result("Bob")];

        var prompt = tape.Next(rewritten, Tools);

        Assert.Equal(TinyTokenizer.Instance.Encode(new MiniMaxM2ChatFormat().Render(rewritten, Tools)), prompt.Ids);
        Assert.Equal((0, true, response.Length), (prompt.SplicedTokens, prompt.Branches, prompt.RetokenisedTokens));
    }

    [Fact]
    public void Next_branches_when_a_new_user_turn_drops_earlier_thinking()
    {
        var tape = Tape();
        var answer = new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = "think", Content = "Bob" };
        tape.Append(tape.Next(Start, Tools), Odd("think", "Bob"), answer);
        ImmutableArray<ChatMessage> messages = [.. Start, answer, new() { Role = ChatRole.User, Content = "and of Eve?" }];

        var prompt = tape.Next(messages, Tools);

        Assert.True(prompt.Branches);
        Assert.DoesNotContain("think\n</think>", TinyTokenizer.Instance.Decode(prompt.Ids.AsSpan()), StringComparison.Ordinal);
    }

    [Fact]
    public void Next_goes_on_from_an_earlier_call_when_the_client_went_back_to_it()
    {
        var tape = Tape();
        var first = tape.Next(Start, Tools);
        var response = Odd("think", CallText);
        tape.Append(first, response, Call);
        tape.Append(tape.Next([.. Start, Call, Result("Bob")], Tools), Odd("t", "Bob"), Answer("Bob"));

        var other = tape.Next([.. Start, Call, Result("error: busy")], Tools);

        Assert.True(other.Branches);
        Assert.Equal(first.Ids.Length + response.Length, other.SplicedTokens);
    }

    [Fact]
    public void Next_branches_when_the_tools_changed()
    {
        var tape = Tape();
        tape.Append(tape.Next(Start, Tools), Odd("think", CallText), Call);

        Assert.True(tape.Next([.. Start, Call, Result("Bob")], []).Branches);
    }

    [Fact]
    public void Prompt_of_turn_k_is_the_concatenation_of_everything_before_it()
        => Prop.ForAll<string[]>(results =>
        {
            var tape = Tape();
            ImmutableArray<ChatMessage> messages = Start;
            var expected = new List<int>();
            var holds = true;
            foreach (var result in results ?? [])
            {
                var prompt = tape.Next(messages, Tools);
                holds &= expected.Count == 0 || prompt.Ids.AsSpan().StartsWith(expected.ToArray());
                var response = Odd("think", CallText);
                tape.Append(prompt, response, Call);
                expected = [.. prompt.Ids, .. response];
                messages = [.. messages, Call, Result(result ?? "")];
            }

            return holds;
        }).QuickCheckThrowOnFailure();

    private static ChatMessage Call => new()
    {
        Role = ChatRole.Assistant,
        ReasoningContent = "think",
        ToolCalls = [new ToolCall("call_0", "lookup", """{"of": "Ann"}""")],
    };

    private static ChatMessage Answer(string text) => new() { Role = ChatRole.Assistant, ReasoningContent = "t", Content = text };

    private static ChatMessage Result(string text) => new() { Role = ChatRole.Tool, Content = text, ToolCallId = "call_0" };

    // Tokenised in pieces of three letters, so that the ids are not those of the whole text.
    private static ImmutableArray<int> Odd(string thinking, string said)
        => [.. (thinking + "\n</think>\n\n" + said).Chunk(3).SelectMany(chunk => TinyTokenizer.Instance.Encode(new string(chunk))), TinyTokenizer.EndTokenId];

    private static TokenTape Tape() => new(TinyTokenizer.Instance, new MiniMaxM2ChatFormat());
}
