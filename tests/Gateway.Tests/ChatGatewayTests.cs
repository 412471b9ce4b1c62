using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.TestKit;

namespace Forge.Gateway.Tests;

public sealed class ChatGatewayTests
{
    private const string CallText =
        "think\n</think>\n\n\n<minimax:tool_call>\n<invoke name=\"lookup\">\n<parameter name=\"of\">Ann</parameter>\n</invoke>\n</minimax:tool_call>";

    private static readonly EpisodeId Episode = new("e1");

    private static readonly ImmutableArray<ToolDefinition> Tools =
        [new("lookup", "Looks up.", """{"type": "object", "properties": {"of": {"type": "string"}}}""")];

    private static readonly ImmutableArray<ChatMessage> Start =
    [
        new() { Role = ChatRole.System, Content = "Look up." },
        new() { Role = ChatRole.User, Content = "boss of Ann?" },
    ];

    private readonly RecordingEpisodeSink _sink = new();

    [Fact]
    public async Task Complete_parses_the_answer()
    {
        var gateway = Gateway(FakeGenerator.Saying(CallText));

        var reply = await gateway.CompleteAsync(Request(Start), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal("think", reply.Message.ReasoningContent);
        Assert.Equal("", reply.Message.Content);
        var call = Assert.Single(reply.Message.ToolCalls);
        Assert.Equal(("lookup", """{"of": "Ann"}"""), (call.Name, call.ArgumentsJson.Replace("\":\"", "\": \"", StringComparison.Ordinal)));
        Assert.Equal((FinishReason.Stop, false), (reply.FinishReason, reply.Malformed));
    }

    [Fact]
    public async Task Complete_records_exactly_what_the_engine_returned()
    {
        var engine = FakeGenerator.Saying(CallText, "t\n</think>\n\nBob");
        var gateway = Gateway(engine);

        var first = await gateway.CompleteAsync(Request(Start), TestContext.Current.CancellationToken).DefaultTimeout();
        await gateway.CompleteAsync(Request([.. Start, first.Message, Result("Bob")]), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(engine.Completions, _sink.Completions);
        Assert.Equal([0, 1], _sink.Completions.Select(completion => completion.Turn));
        Assert.Equal(2, _sink.Completions.Select(completion => completion.Id).Distinct().Count());
    }

    [Fact]
    public async Task Complete_makes_each_prompt_of_the_ids_before_it()
    {
        var engine = FakeGenerator.Saying(CallText, CallText, "t\n</think>\n\nBob");
        var gateway = Gateway(engine);
        var messages = Start;

        foreach (var result in new[] { "error: busy", "Bob", "" })
        {
            var reply = await gateway.CompleteAsync(Request(messages), TestContext.Current.CancellationToken).DefaultTimeout();
            messages = [.. messages, reply.Message, Result(result)];
        }

        var completions = _sink.Completions.ToArray();
        foreach (var (earlier, later) in completions.Zip(completions.Skip(1)))
        {
            ImmutableArray<int> history = [.. earlier.PromptIds, .. earlier.ResponseIds];
            Assert.Equal(history, later.PromptIds[..history.Length]);
            Assert.Equal(TinyTokenizer.Instance.TokenId(MiniMaxM2Tokens.ThinkOpen), later.PromptIds[^2]);
        }

        Assert.Equal(0, gateway.Statistics.RetokenisedTokens);
        Assert.Equal(0, gateway.Statistics.Branches);
        Assert.Equal(completions[^1].PromptIds.Length + completions[^2].PromptIds.Length + completions[0].PromptIds.Length,
            gateway.Statistics.SplicedTokens + gateway.Statistics.EncodedTokens);
    }

    [Fact]
    public async Task Complete_counts_a_rewritten_history_as_a_branch()
    {
        var gateway = Gateway(FakeGenerator.Saying(CallText, "t\n</think>\n\nBob"));
        var first = await gateway.CompleteAsync(Request(Start), TestContext.Current.CancellationToken).DefaultTimeout();
        ImmutableArray<ChatMessage> rewritten = [Start[0], new() { Role = ChatRole.User, Content = "short" }, first.Message, Result("Bob")];

        await gateway.CompleteAsync(Request(rewritten), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(1, gateway.Statistics.Branches);
        Assert.Equal(_sink.Completions.Last().PromptIds.Length, gateway.Statistics.ForkedTokens);
        Assert.Equal(_sink.Completions.First().ResponseIds.Length, gateway.Statistics.RetokenisedTokens);
    }

    [Fact]
    public async Task Complete_tells_the_engine_which_prefix_is_shared()
    {
        var engine = FakeGenerator.Saying("t\n</think>\n\nBob");
        var gateway = Gateway(engine);

        await gateway.CompleteAsync(Request(Start), TestContext.Current.CancellationToken).DefaultTimeout();

        var request = Assert.Single(engine.Requests);
        var prefix = TinyTokenizer.Instance.Decode(request.PromptIds.AsSpan()[..request.SharedPrefixLength]);
        Assert.EndsWith("</minimax:tool_call>[e~[\n", prefix, StringComparison.Ordinal);
        Assert.Contains("Look up.", prefix, StringComparison.Ordinal);
        Assert.DoesNotContain("boss of Ann", prefix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Complete_stops_at_the_end_token_and_leaves_room_in_the_context()
    {
        var engine = FakeGenerator.Saying("t\n</think>\n\nBob");
        var probe = Gateway(engine);
        await probe.CompleteAsync(Request(Start), TestContext.Current.CancellationToken).DefaultTimeout();
        var prompt = engine.Requests.Single().PromptIds.Length;
        engine = FakeGenerator.Saying("t\n</think>\n\nBob");

        await Gateway(engine, prompt + 3).CompleteAsync(Request(Start), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(3, engine.Requests.Single().Sampling.MaxNewTokens);
        Assert.Equal([TinyTokenizer.EndTokenId], engine.Requests.Single().Sampling.StopTokenIds);
    }

    [Fact]
    public async Task Complete_answers_a_full_context_with_nothing_and_records_nothing()
    {
        var engine = FakeGenerator.Saying("never");
        var gateway = Gateway(engine, contextLength: 20);

        var reply = await gateway.CompleteAsync(Request(Start), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal((FinishReason.Length, 0), (reply.FinishReason, reply.ResponseTokens));
        Assert.True(reply.PromptTokens >= 20);
        Assert.Empty(engine.Requests);
        Assert.Empty(_sink.Completions);
        Assert.Equal(1, gateway.Statistics.Overflows);
    }

    [Theory]
    [InlineData("still thinking", true)]
    [InlineData("t\n</think>\n\n\n<minimax:tool_call>\n<invoke name=\"lookup\">", true)]
    [InlineData("t\n</think>\n\n<invoke name=\"lookup\">", true)]
    [InlineData("t\n</think>\n\nBob", false)]
    public async Task Complete_says_when_an_answer_is_malformed(string said, bool malformed)
    {
        var reply = await Gateway(FakeGenerator.Saying(said)).CompleteAsync(Request(Start), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(malformed, reply.Malformed);
        Assert.Empty(reply.Message.ToolCalls);
    }

    [Fact]
    public async Task Complete_reports_an_answer_that_was_cut_off()
    {
        var request = Request(Start) with { Sampling = new SamplingParameters { MaxNewTokens = 2 } };

        var reply = await Gateway(FakeGenerator.Saying(CallText)).CompleteAsync(request, TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal((FinishReason.Length, 2), (reply.FinishReason, reply.ResponseTokens));
        Assert.Equal(2, _sink.Completions.Single().ResponseIds.Length);
    }

    [Fact]
    public async Task Complete_keeps_sessions_apart_and_EndSession_forgets_one()
    {
        var engine = FakeGenerator.Saying(CallText, CallText, CallText);
        var gateway = Gateway(engine);
        var other = Request(Start) with { Episode = new EpisodeId("e2") };

        await gateway.CompleteAsync(Request(Start), TestContext.Current.CancellationToken).DefaultTimeout();
        await gateway.CompleteAsync(other, TestContext.Current.CancellationToken).DefaultTimeout();
        gateway.EndSession(Episode);
        await gateway.CompleteAsync(Request(Start), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal([0, 0, 0], engine.Requests.Select(request => request.Turn));
        Assert.Equal([Episode], engine.EndedSessions);
        Assert.Equal(0, gateway.Statistics.Branches);
    }

    [Fact]
    public async Task Complete_throws_a_transient_fault_when_the_engine_gives_up()
    {
        var engine = new CancellingGenerator(FakeGenerator.Saying(CallText));
        var gateway = new ChatGateway(engine, _sink, TinyTokenizer.Instance, new MiniMaxM2ChatFormat(), new GatewayOptions());

        var fault = await Assert.ThrowsAsync<ForgeException>(
            () => gateway.CompleteAsync(Request(Start), TestContext.Current.CancellationToken).DefaultTimeout());

        Assert.True(fault.IsTransient);
        Assert.Empty(_sink.Completions);
    }

    private static ChatRequest Request(ImmutableArray<ChatMessage> messages) => new()
    {
        Episode = Episode,
        Messages = messages,
        Tools = Tools,
        Sampling = new SamplingParameters(),
    };

    private static ChatMessage Result(string text) => new() { Role = ChatRole.Tool, Content = text, ToolCallId = "call_0" };

    private ChatGateway Gateway(FakeGenerator engine, int contextLength = 4096)
        => new(engine, _sink, TinyTokenizer.Instance, new MiniMaxM2ChatFormat(), new GatewayOptions { ContextLength = contextLength });
}
