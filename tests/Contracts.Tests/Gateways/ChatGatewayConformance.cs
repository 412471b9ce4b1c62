using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Gateway;
using Forge.TestKit;

namespace Forge.Contracts.Tests.Gateways;

/// <summary>What every gateway promises to agents, wherever it runs: over <see cref="Generator"/> and <see cref="Pool"/>.</summary>
public abstract class ChatGatewayConformance : IAsyncLifetime
{
    private const string CallText =
        "think\n</think>\n\n\n<minimax:tool_call>\n<invoke name=\"lookup\">\n<parameter name=\"of\">Änn 𝄞</parameter>\n</invoke>\n</minimax:tool_call>";

    private static readonly ImmutableArray<ToolDefinition> Tools =
        [new("lookup", "Looks up.", """{"type": "object", "properties": {"of": {"type": "string"}}}""") { FunctionJson = """{"name": "lookup", "strict": true}""" }];

    private readonly CancellationToken _test = TestContext.Current.CancellationToken;
    private IChatGateway _gateway = null!;

    internal ScriptedGenerator Generator { get; } = new();

    internal ScriptedSink Pool { get; } = new();

    protected static GatewayOptions Options { get; } = new() { ContextLength = 400_000 };

    public async ValueTask InitializeAsync() => _gateway = await OpenAsync().DefaultTimeout();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task A_reply_has_every_field_and_its_completion_is_recorded_as_it_was_generated()
    {
        Completion? generated = null;
        Generator.Answer = async (request, stop) => generated = await ScriptedGenerator.SayAsync(CallText, request, stop);

        var reply = await AskAsync("e").DefaultTimeout();

        Assert.Equal(RecordText.Of(generated!), RecordText.Of(Assert.Single(Pool.Completions)));
        var expected = new ChatReply
        {
            Completion = generated!.Id,
            Message = new ChatMessage
            {
                Role = ChatRole.Assistant,
                ReasoningContent = "think",
                ToolCalls = [new ToolCall("call_0_0", "lookup", reply.Message.ToolCalls[0].ArgumentsJson)],
            },
            FinishReason = FinishReason.Stop,
            Malformed = false,
            PromptTokens = generated.PromptIds.Length,
            ResponseTokens = generated.ResponseIds.Length,
        };
        Assert.Equal(RecordText.Of(expected), RecordText.Of(reply));
        Assert.Contains("Änn 𝄞", reply.Message.ToolCalls[0].ArgumentsJson, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_engine_gets_what_the_agent_asked_for()
    {
        GenerationRequest? seen = null;
        Generator.Answer = (request, stop) => ScriptedGenerator.SayAsync("t\n</think>\n\na", seen = request, stop);
        var asked = Request("e") with
        {
            Patience = TimeSpan.FromSeconds(77),
            Sampling = new SamplingParameters { Temperature = 0.7, TopP = 0.9, TopK = 40, Seed = ulong.MaxValue, MaxNewTokens = 64, StopTokenIds = [3] },
        };

        await _gateway.CompleteAsync(asked, _test).DefaultTimeout();

        Assert.Equal((new EpisodeId("e"), 0, asked.Patience), (seen!.Session, seen.Turn, seen.Patience));
        Assert.Equal(
            RecordText.Of(asked.Sampling with { StopTokenIds = [3, TinyTokenizer.EndTokenId] }), RecordText.Of(seen.Sampling));
        Assert.InRange(seen.SharedPrefixLength, 1, seen.PromptIds.Length);
    }

    [Fact]
    public async Task Turns_continue_the_tokens_of_the_turns_before_until_the_session_ends()
    {
        Generator.Answer = (request, stop) => ScriptedGenerator.SayAsync(CallText, request, stop);
        var first = await AskAsync("e").DefaultTimeout();
        var told = Request("e") with { Messages = [.. Request("e").Messages, first.Message, new() { Role = ChatRole.Tool, Content = "Bob", ToolCallId = "call_0_0" }] };

        await _gateway.CompleteAsync(told, _test).DefaultTimeout();
        _gateway.EndSession(new EpisodeId("e"));
        await Eventually.TrueAsync(() => Generator.EndedSessions.Contains(new EpisodeId("e")), "the session ends");
        await AskAsync("e").DefaultTimeout();

        var completions = Pool.Completions.ToArray();
        Assert.Equal([0, 1, 0], completions.Select(completion => completion.Turn));
        int[] seen = [.. completions[0].PromptIds, .. completions[0].ResponseIds];
        Assert.Equal(seen, completions[1].PromptIds.Take(seen.Length));
    }

    [Fact]
    public async Task A_prompt_that_fills_the_context_is_an_answer_of_nothing_and_is_not_recorded()
    {
        var request = Request("e") with { Messages = [new() { Role = ChatRole.User, Content = string.Concat(Enumerable.Range(0, Options.ContextLength)) }] };

        var reply = await _gateway.CompleteAsync(request, _test).DefaultTimeout();

        Assert.Equal((FinishReason.Length, 0, false), (reply.FinishReason, reply.ResponseTokens, reply.Malformed));
        Assert.True(reply.PromptTokens >= Options.ContextLength);
        Assert.Empty(Pool.Completions);
    }

    [Theory]
    [MemberData(nameof(Faults.Final), MemberType = typeof(Faults))]
    [MemberData(nameof(Faults.Transient), MemberType = typeof(Faults))]
    public async Task A_fault_keeps_its_type_and_its_text(string name)
    {
        Generator.Answer = (_, _) => throw Faults.All[name];

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => AskAsync("e").DefaultTimeout());

        Faults.AssertSame(Faults.All[name], fault);
    }

    [Fact]
    public async Task A_call_is_never_made_twice_by_itself()
    {
        var calls = 0;
        Generator.Answer = (_, _) =>
        {
            Interlocked.Increment(ref calls);
            throw new InfrastructureFaultException("gone");
        };

        await Assert.ThrowsAsync<InfrastructureFaultException>(() => AskAsync("e").DefaultTimeout());

        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task What_the_engine_gave_up_is_a_fault_that_may_pass()
    {
        Generator.Answer = async (request, stop) => await ScriptedGenerator.SayAsync("t", request, stop) with { FinishReason = FinishReason.Cancelled };

        var fault = await Assert.ThrowsAnyAsync<ForgeException>(() => AskAsync("e").DefaultTimeout());

        Assert.True(fault.IsTransient);
        Assert.Contains("episode e", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Pool.Completions);
    }

    [Fact]
    public async Task An_episode_that_somebody_else_took_over_is_told_to_stop()
    {
        Pool.Answer = (_, _) => Task.FromResult(Receipt.Stale);

        var fault = await Assert.ThrowsAsync<StaleAttemptException>(() => AskAsync("e").DefaultTimeout());

        Assert.Contains("stop playing", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_gives_up_stops_the_engine_and_nobody_else()
    {
        var (arrived, cancelled) = (Signal(), Signal());
        Generator.Answer = async (request, stop) =>
        {
            if (request.Session.Value != "impatient")
            {
                await cancelled.Task.WaitAsync(stop);
                return await ScriptedGenerator.SayAsync("t\n</think>\n\npatient", request, stop);
            }

            await using var registration = stop.Register(cancelled.SetResult);
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            throw new InvalidOperationException("unreachable");
        };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_test);

        var impatient = _gateway.CompleteAsync(Request("impatient"), patience.Token);
        var patient = AskAsync("patient");
        await arrived.Task.DefaultTimeout();
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient.DefaultTimeout());
        Assert.Equal("patient", (await patient.DefaultTimeout()).Message.Content);
    }

    [Fact]
    public async Task What_was_generated_is_kept_also_when_its_caller_gives_up()
    {
        var (recording, mayEnd) = (Signal(), Signal());
        Pool.Answer = async (_, stop) =>
        {
            recording.SetResult();
            await mayEnd.Task.WaitAsync(stop);
            return Receipt.Kept;
        };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_test);

        var asking = _gateway.CompleteAsync(Request("e"), patience.Token);
        await recording.Task.DefaultTimeout();
        await patience.CancelAsync();

        // In process the caller waits for the record; over a wire it is gone at once, and the record must not notice.
        await Task.WhenAny(asking, Task.Delay(TimeSpan.FromMilliseconds(200), _test));
        mayEnd.SetResult();

        await Eventually.TrueAsync(() => Pool.Completions.Count == 1, "the completion is kept");
    }

    [Fact]
    public async Task The_end_of_an_unknown_session_is_ignored()
    {
        _gateway.EndSession(new EpisodeId("nobody"));

        Assert.Equal("e", (await AskAsync("e").DefaultTimeout()).Message.Content);
    }

    [Fact]
    public async Task Hundreds_of_agents_get_their_own_answers_and_their_own_faults()
    {
        var inner = Generator.Answer;
        Generator.Answer = async (request, stop) =>
        {
            await Task.Yield();
            return request.Session.Value.EndsWith('7') ? throw new ArgumentException($"{request.Session} is bad") : await inner(request, stop);
        };

        var said = await Task.WhenAll(Enumerable.Range(0, 300).Select(async index =>
        {
            try
            {
                return (await AskAsync($"e{index}")).Message.Content;
            }
            catch (ArgumentException fault)
            {
                return fault.Message;
            }
        })).DefaultTimeout();

        Assert.Equal(Enumerable.Range(0, 300).Select(index => index % 10 == 7 ? $"e{index} is bad" : $"e{index}"), said);
        Assert.Equal(270, Pool.Completions.Select(completion => completion.Episode).Distinct().Count());
    }

    [Fact]
    public async Task Large_conversations_and_large_answers_arrive_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"{number:x} "));
        Generator.Answer = (request, stop) => ScriptedGenerator.SayAsync($"t\n</think>\n\n{text}end", request, stop);
        var request = Request("e") with
        {
            // Only the parts are looked at: the rest travels, and costs no tokens.
            Messages = [new() { Role = ChatRole.User, Content = new string('x', 16 << 20), ContentParts = [text] }],
            Tools = [.. Enumerable.Range(0, 500).Select(index => new ToolDefinition($"tool{index}", "x", "{}"))],
            Sampling = new SamplingParameters { MaxNewTokens = int.MaxValue },
        };

        var reply = await _gateway.CompleteAsync(request, _test).DefaultTimeout();

        Assert.Equal($"{text}end", reply.Message.Content);
    }

    /// <summary>Opens a gateway with <see cref="Options"/>, the tests' tokenizer, <see cref="Generator"/> and <see cref="Pool"/>.</summary>
    protected abstract Task<IChatGateway> OpenAsync();

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static ChatRequest Request(string episode) => new()
    {
        Episode = new EpisodeId(episode),
        Messages = [new() { Role = ChatRole.System, Content = "Look up." }, new() { Role = ChatRole.User, Content = "boss of Änn?" }],
        Tools = Tools,
        Sampling = new SamplingParameters { MaxNewTokens = 1000 },
    };

    private Task<ChatReply> AskAsync(string episode) => _gateway.CompleteAsync(Request(episode), _test);
}
