using System.Net;
using System.Text.Json.Nodes;
using Forge.Core.Faults;
using Forge.Core.Harnesses;
using Forge.Core.Ring;
using Forge.Hosting.Keys;
using Forge.TestKit;

namespace Forge.Gateway.Tests.Http;

/// <summary>A program's episode, from its opening to what was recorded of it.</summary>
public sealed class HarnessTests
{
    private static readonly EpisodeId Episode = new("g0-e3");

    [Fact]
    public async Task Close_tells_every_call_that_was_recorded_in_order()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Call, "t\n</think>\n\n<invoke name=\"x\">", TestFront.Answer));
        var access = await OpenAsync(front);

        foreach (var text in new[] { "one", "two", "three" })
        {
            await front.AskAsync(Asking(text), $"{access.BaseUrl.AbsolutePath}/v1/plain");
        }

        var trace = await CloseAsync(front);
        Assert.Equal([1, 0, 0], trace.Calls.Select(call => call.Message.ToolCalls.Length));
        Assert.Equal([false, true, false], trace.Calls.Select(call => call.Malformed));
        Assert.Equal(front.Sink.Completions.Select(completion => completion.ResponseIds.Length), trace.Calls.Select(call => call.ResponseTokens));
        Assert.Equal((null, null), (trace.Limit, trace.Fault));
    }

    [Fact]
    public async Task Open_gives_a_key_that_reaches_the_episode_until_it_is_closed()
    {
        var keys = new KeyRing(TimeProvider.System);
        keys.Add("admin", KeyScope.Admin);
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer), keys: keys);
        var access = await OpenAsync(front);

        using var answered = await front.PostAsync(Asking("one"), "/v1/plain", header: "x-api-key", value: access.Key);
        using var elsewhere = await front.PostAsync(Asking("one"), "/e/other/v1/plain", header: "x-api-key", value: access.Key);
        await CloseAsync(front);
        using var late = await front.PostAsync(Asking("two"), "/v1/plain", header: "x-api-key", value: access.Key);

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.BadRequest), (answered.StatusCode, elsewhere.StatusCode, late.StatusCode));
    }

    [Fact]
    public async Task Close_names_the_limit_for_which_a_call_was_refused()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer));
        var access = await OpenAsync(front, turns: 1);
        await front.AskAsync(Asking("one"), $"{access.BaseUrl.AbsolutePath}/v1/plain");
        using var refused = await front.PostAsync(Asking("two"), $"{access.BaseUrl.AbsolutePath}/v1/plain");

        var trace = await CloseAsync(front);

        Assert.Equal("max_turns", trace.Limit);
        Assert.Single(trace.Calls);
    }

    [Fact]
    public async Task Close_ends_calls_under_way_and_nothing_of_them_is_recorded()
    {
        var engine = new GatedGenerator(FakeGenerator.Saying(TestFront.Answer));
        await using var front = await TestFront.StartAsync(engine);
        var access = await OpenAsync(front);
        var waiting = front.PostAsync(Asking("one"), $"{access.BaseUrl.AbsolutePath}/v1/plain");
        await engine.Asked.DefaultTimeout();

        var trace = await CloseAsync(front);
        engine.Open();
        using var response = await waiting;

        Assert.Empty(trace.Calls);
        Assert.Empty(front.Sink.Completions);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Siblings_that_send_the_same_seed_are_drawn_apart()
    {
        var engine = FakeGenerator.Saying(TestFront.Answer, TestFront.Answer);
        await using var front = await TestFront.StartAsync(engine);

        foreach (var episode in new[] { "g0-e1", "g0-e2" })
        {
            await front.Harnesses.OpenAsync(Session(new EpisodeId(episode), turns: 5), TestContext.Current.CancellationToken).DefaultTimeout();
            var body = Asking("one");
            body["seed"] = 42;
            await front.AskAsync(body, $"/e/{episode}/v1/plain");
        }

        Assert.Equal(2, engine.Requests.Select(request => request.Sampling.Seed).Distinct().Count());
    }

    [Fact]
    public async Task Close_of_an_episode_that_nobody_opened_is_a_fault_of_the_machinery()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying());

        await Assert.ThrowsAsync<InfrastructureFaultException>(() => CloseAsync(front));
    }

    private static JsonObject Asking(string text) => TestFront.Body(TestFront.User(text));

    private static HarnessSession Session(EpisodeId episode, int turns) => new()
    {
        Episode = episode,
        Sampling = new SamplingParameters { Seed = 5 },
        MaxTurns = turns,
        MaxTokens = 10_000,
        Lifetime = TimeSpan.FromMinutes(5),
    };

    private static Task<HarnessAccess> OpenAsync(TestFront front, int turns = 10)
        => front.Harnesses.OpenAsync(Session(Episode, turns), TestContext.Current.CancellationToken).DefaultTimeout();

    private static Task<HarnessTrace> CloseAsync(TestFront front)
        => front.Harnesses.CloseAsync(Episode, TestContext.Current.CancellationToken).DefaultTimeout();
}
