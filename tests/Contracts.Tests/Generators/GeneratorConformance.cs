using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Rollout;
using Forge.TestKit;

namespace Forge.Contracts.Tests.Generators;

/// <summary>What every way to the engine promises to gateways, wherever it runs.</summary>
public abstract class GeneratorConformance : IAsyncLifetime
{
    private readonly CancellationToken _test = TestContext.Current.CancellationToken;
    private readonly HeldDecoder _decoder = SmallEngine.Decoder();
    private IGenerator _generator = null!;

    protected RolloutEngine Engine { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Engine = SmallEngine.Over(_decoder);
        _generator = await OpenAsync(Engine).DefaultTimeout();
    }

    public async ValueTask DisposeAsync()
    {
        _decoder.LetGo();
        await CloseAsync();
        Engine.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_completion_comes_back_with_every_field()
    {
        await PublishAsync(3);
        var request = Request("e", 40) with
        {
            Turn = 5,
            Sampling = new SamplingParameters { Temperature = 0.8, TopP = 0.9, TopK = 20, Seed = ulong.MaxValue, MaxNewTokens = 30, StopTokenIds = [9, 11] },
        };

        var there = await Engine.GenerateAsync(request, _test).DefaultTimeout();
        Engine.EndSession(request.Session);
        var here = await _generator.GenerateAsync(request, _test).DefaultTimeout();

        Assert.Equal(RecordText.Of(there with { Timings = here.Timings }), RecordText.Of(here));
        Assert.Equal((request.Id, request.Session, 5, new PolicyVersion(3)), (here.Id, here.Episode, here.Turn, here.OldestKvVersion));
        Assert.NotEqual(here.PolicyLogProbs, here.BehaviorLogProbs);
        Assert.Equal(here.ResponseIds.Length * 2 * 2, here.RoutedExperts.Length);
        Assert.True(here.Timings.Total >= here.Timings.TimeToFirstToken && here.Timings.TimeToFirstToken > TimeSpan.Zero, $"{here.Timings}");
    }

    [Fact]
    public async Task Long_prompts_and_long_answers_arrive_whole()
    {
        await PublishAsync(0);
        var request = Request("e", 2000, maxNewTokens: 1500);

        var completion = await _generator.GenerateAsync(request, _test).DefaultTimeout();

        Assert.Equal(request.PromptIds, completion.PromptIds);
        Assert.Equal((1500, 1500, 1500), (completion.ResponseIds.Length, completion.PolicyLogProbs.Length, completion.TokenVersions.Length));
    }

    [Fact]
    public async Task Hundreds_of_requests_at_a_time_get_what_each_gets_alone()
    {
        await PublishAsync(0);
        var requests = Enumerable.Range(0, 300).Select(index => Request($"e{index}", 5 + (index % 7), seed: index)).ToArray();

        var crowded = await Task.WhenAll(requests.Select(request => _generator.GenerateAsync(request, _test))).DefaultTimeout();

        foreach (var (request, completion) in requests.Zip(crowded))
        {
            Engine.EndSession(request.Session);
            var alone = await Engine.GenerateAsync(request, _test).DefaultTimeout();
            Assert.Equal(RecordText.Of(alone with { Timings = completion.Timings }), RecordText.Of(completion));
        }
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("outside")]
    [InlineData("overflow")]
    [InlineData("huge overflow")]
    [InlineData("temperature")]
    public async Task A_request_that_cannot_be_decoded_is_refused_in_the_engines_own_words_and_alone(string problem)
    {
        await PublishAsync(0);
        var bad = Bad(problem);
        var expected = await Assert.ThrowsAsync<ArgumentException>(() => Engine.GenerateAsync(bad, _test).DefaultTimeout());

        var good = Enumerable.Range(0, 20).Select(index => _generator.GenerateAsync(Request($"e{index}", 5), _test)).ToArray();
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => _generator.GenerateAsync(bad, _test).DefaultTimeout());

        Faults.AssertSame(expected, fault);
        Assert.Contains("Request bad/0 ", fault.Message, StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(good).DefaultTimeout(), completion => Assert.Equal(8, completion.ResponseIds.Length));
    }

    [Fact]
    public async Task A_caller_that_gives_up_frees_its_place_and_disturbs_nobody()
    {
        await PublishAsync(0);
        var standing = _decoder.Hold();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_test);
        var impatient = _generator.GenerateAsync(Request("impatient", 10, maxNewTokens: 4000), patience.Token);
        await standing.DefaultTimeout();
        var patient = _generator.GenerateAsync(Request("patient", 10), _test);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient.DefaultTimeout());
        _decoder.LetGo();

        Assert.Equal(8, (await patient.DefaultTimeout()).ResponseIds.Length);
        await Eventually.TrueAsync(() => Engine.Status is { Cancelled: 1, Running: 0 }, "the engine drops what nobody waits for");
    }

    [Fact]
    public async Task An_engine_at_work_says_so_when_its_callers_patience_is_over()
    {
        await PublishAsync(0);
        var standing = _decoder.Hold();
        var asking = _generator.GenerateAsync(Request("e", 10) with { Patience = TimeSpan.FromMilliseconds(300) }, _test);

        await standing.DefaultTimeout();
        var fault = await Assert.ThrowsAsync<TimeoutException>(() => asking.DefaultTimeout());

        Assert.Contains("Request e/0 ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_without_weights_fails_as_machinery()
    {
        var asking = _generator.GenerateAsync(Request("e", 10) with { Patience = TimeSpan.FromMilliseconds(50) }, _test);

        await Assert.ThrowsAsync<InfrastructureFaultException>(() => asking.DefaultTimeout());
    }

    [Fact]
    public async Task A_request_waits_for_the_first_weights()
    {
        var asking = _generator.GenerateAsync(Request("e", 10), _test);

        await PublishAsync(7);

        Assert.All((await asking.DefaultTimeout()).TokenVersions, version => Assert.Equal(7, version));
    }

    [Fact]
    public async Task The_end_of_a_session_frees_it_and_that_of_an_unknown_one_is_ignored()
    {
        await PublishAsync(0);
        await _generator.GenerateAsync(Request("e", 10), _test).DefaultTimeout();
        await Eventually.TrueAsync(() => Engine.Status.IdleSessions == 1, "the session is kept");

        _generator.EndSession(new EpisodeId("nobody"));
        _generator.EndSession(new EpisodeId("e"));

        await Eventually.TrueAsync(() => Engine.Status.IdleSessions == 0, "the session is freed");
        Assert.Equal(8, (await _generator.GenerateAsync(Request("e", 10), _test).DefaultTimeout()).ResponseIds.Length);
    }

    /// <summary>Opens the way to an engine.</summary>
    protected abstract Task<IGenerator> OpenAsync(RolloutEngine engine);

    protected abstract ValueTask CloseAsync();

    private static GenerationRequest Bad(string problem)
    {
        var request = Request("bad", 10);
        return problem switch
        {
            "empty" => request with { PromptIds = [] },
            "outside" => request with { PromptIds = [1, 64] },
            "overflow" => request with { PromptIds = [.. Enumerable.Repeat(1, SmallEngine.Options.MaxContext)] },
            "huge overflow" => request with { PromptIds = [.. Enumerable.Repeat(1, 5_000_000)] },
            _ => request with { Sampling = new SamplingParameters { Temperature = double.NaN } },
        };
    }

    private static GenerationRequest Request(string session, int promptLength, int seed = 1, int maxNewTokens = 8)
    {
        var random = new Random(seed);
        return new GenerationRequest
        {
            Id = new CompletionId($"{session}/0"),
            Session = new EpisodeId(session),
            Turn = 0,
            PromptIds = [.. Enumerable.Range(0, promptLength).Select(_ => random.Next(SmallEngine.Config.VocabSize))],
            Sampling = new SamplingParameters { Seed = (ulong)seed, MaxNewTokens = maxNewTokens },
        };
    }

    private Task PublishAsync(long version) => Engine.PublishAsync(SmallEngine.Weights(version), _test).DefaultTimeout();
}
