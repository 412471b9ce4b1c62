using System.Text.Json.Nodes;
using Forge.Core.Ring;
using Forge.Gateway.Sessions;
using Forge.TestKit;

namespace Forge.Gateway.Tests.Http;

/// <summary>What a call may ask of the engine.</summary>
public sealed class SamplingTests
{
    [Fact]
    public async Task N_answers_are_drawn_apart_and_all_recorded()
    {
        var engine = FakeGenerator.Saying(TestFront.Answer, TestFront.Answer, TestFront.Answer);
        await using var front = await TestFront.StartAsync(engine);

        var answer = await front.AskAsync(Body(("n", 3), ("seed", 7)));

        Assert.Equal(3, answer["choices"]!.AsArray().Count);
        Assert.Equal([7UL, 8UL, 9UL], engine.Requests.Select(request => request.Sampling.Seed).Order());
        Assert.Equal([0, 1, 2], front.Sink.Completions.Select(completion => completion.Turn).Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(129)]
    public async Task N_beyond_its_range_is_refused(int count)
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying());

        using var response = await front.PostAsync(Body(("n", count)));

        Assert.Equal(400, (int)response.StatusCode);
    }

    [Fact]
    public async Task The_run_draws_its_own_way_and_keeps_the_asked_seed_and_limit()
    {
        var engine = FakeGenerator.Saying(TestFront.Answer);
        await using var front = await TestFront.StartAsync(engine);

        await front.AskAsync(Body(("temperature", 0), ("seed", 7), ("max_tokens", 100)));

        var used = Assert.Single(engine.Requests).Sampling;
        Assert.Equal((1.0, 7UL, 100), (used.Temperature, used.Seed, used.MaxNewTokens));
        Assert.Equal(used, Assert.Single(front.Sink.Completions).Sampling);
    }

    [Fact]
    public async Task A_run_that_does_not_override_draws_as_asked()
    {
        var engine = FakeGenerator.Saying(TestFront.Answer);
        var options = new GatewayHttpOptions { Address = "http://127.0.0.1:0", Sessions = new SessionOptions { OverrideSampling = false } };
        await using var front = await TestFront.StartAsync(engine, options);

        await front.AskAsync(Body(("temperature", 0)));

        Assert.Equal(0.0, Assert.Single(engine.Requests).Sampling.Temperature);
    }

    [Fact]
    public async Task Max_tokens_cut_the_answer()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer));

        var answer = await front.AskAsync(Body(("max_tokens", 2)));

        Assert.Equal("MaxTokens", answer["choices"]![0]!["end"]!.ToString());
        Assert.Equal(2, answer["tokens"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_prompt_that_fills_the_context_is_refused()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(), contextLength: 20);

        using var response = await front.PostAsync(Body());

        Assert.Contains("ContextFull", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).DefaultTimeout(), StringComparison.Ordinal);
        Assert.Equal(1, front.Gateway.Statistics.Overflows);
    }

    [Fact]
    public async Task A_stop_text_ends_what_is_visible_and_what_is_recorded()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying("a stop here\n</think>\n\nBob stop here and on"));

        var answer = await front.AskAsync(Body(("stop", new JsonArray(" and", "stop"))));

        var choice = answer["choices"]![0]!;
        Assert.Equal(("Bob ", "StopText", "stop"), (choice["content"]!.ToString(), choice["end"]!.ToString(), choice["stop"]!.ToString()));
        var kept = Assert.Single(front.Sink.Completions);
        var text = TinyTokenizer.Instance.Decode(kept.ResponseIds.AsSpan());
        Assert.Contains("Bob stop", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" and", text, StringComparison.Ordinal);
        Assert.Equal((kept.ResponseIds.Length, kept.ResponseIds.Length), (kept.PolicyLogProbs.Length, kept.TokenVersions.Length));
    }

    [Fact]
    public async Task Logprobs_are_those_of_the_visible_tokens()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer));

        var answer = await front.AskAsync(Body(("logprobs", 1)));

        var kept = Assert.Single(front.Sink.Completions);
        var visible = TinyTokenizer.Instance.Encode("\n\nBob").Count;
        Assert.Equal(visible, answer["choices"]![0]!["logprobs"]!.AsArray().Count);
        Assert.True(visible < kept.ResponseIds.Length);
    }

    [Fact]
    public async Task A_named_tool_is_forced_by_the_beginning_of_the_answer()
    {
        var engine = FakeGenerator.Saying("<parameter name=\"of\">Ann</parameter>\n</invoke>\n</minimax:tool_call>");
        await using var front = await TestFront.StartAsync(engine);

        var answer = await front.AskAsync(Body(("tools", new JsonArray("other", "lookup")), ("tool_choice", "lookup")));

        var call = Assert.Single(answer["choices"]![0]!["tool_calls"]!.AsArray())!;
        Assert.Equal("lookup", call["name"]!.ToString());
        Assert.Equal("Ann", JsonNode.Parse(call["arguments"]!.ToString())!["of"]!.ToString());
        Assert.EndsWith("<invoke name=\"lookup\">\n", TinyTokenizer.Instance.Decode(Assert.Single(engine.Requests).PromptIds.AsSpan()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("required")]
    public async Task A_tool_that_is_not_on_offer_cannot_be_forced(string choice)
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying());

        using var response = await front.PostAsync(Body(("tool_choice", choice)));

        Assert.Equal(400, (int)response.StatusCode);
    }

    [Fact]
    public async Task Without_a_choice_of_tools_the_prompt_shows_none()
    {
        var engine = FakeGenerator.Saying(TestFront.Answer);
        await using var front = await TestFront.StartAsync(engine);

        await front.AskAsync(Body(("tools", new JsonArray("lookup")), ("tool_choice", "none")));

        Assert.DoesNotContain("lookup", TinyTokenizer.Instance.Decode(Assert.Single(engine.Requests).PromptIds.AsSpan()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_terms_of_an_episode_come_before_what_is_asked()
    {
        var engine = FakeGenerator.Saying(TestFront.Answer);
        await using var front = await TestFront.StartAsync(engine);
        var terms = new SamplingParameters { Temperature = 0.5, MaxNewTokens = 10, TopK = 4 };
        front.Gateway.OpenSession(new("e1"), new SessionTerms(terms, null, null));

        await front.AskAsync(Body(("max_tokens", 1000)));

        var used = Assert.Single(engine.Requests).Sampling;
        Assert.Equal((0.5, 10, 4), (used.Temperature, used.MaxNewTokens, used.TopK));
    }

    private static JsonObject Body(params (string Name, JsonNode Value)[] fields)
    {
        var body = TestFront.Body(TestFront.User("boss of Ann?"));
        foreach (var (name, value) in fields)
        {
            body[name] = value;
        }

        return body;
    }
}
