using System.Net;
using System.Text.Json.Nodes;
using Forge.Gateway.Sessions;
using Forge.TestKit;

namespace Forge.Gateway.Tests.Http;

/// <summary>What clients see while they wait (the checklist's "Long waits").</summary>
public sealed class LongWaitTests
{
    private static readonly GatewayHttpOptions Quick = new()
    {
        Address = "http://127.0.0.1:0",
        NoOpEvery = TimeSpan.FromMilliseconds(10),
        EarlyAfter = TimeSpan.FromMilliseconds(10),
    };

    [Fact]
    public async Task A_stream_sends_its_head_at_once()
    {
        var engine = new GatedGenerator(FakeGenerator.Saying(TestFront.Answer));
        await using var front = await TestFront.StartAsync(engine);

        using var response = await front.PostAsync(Streamed(), streams: true);
        using var lines = await LinesAsync(response);
        var first = await NextAsync(lines);
        engine.Open();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("event: open", first);
        Assert.Equal(["Bob", "[DONE]"], (await RestAsync(lines)).Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Skip(1).Select(line => line[6..]));
    }

    [Fact]
    public async Task A_stream_that_waits_carries_events_that_clients_parse_and_comments()
    {
        var engine = new GatedGenerator(FakeGenerator.Saying(TestFront.Answer));
        await using var front = await TestFront.StartAsync(engine, Quick);

        using var response = await front.PostAsync(Streamed(), streams: true);
        using var lines = await LinesAsync(response);
        var (events, comments) = (0, 0);
        while (events < 3 || comments < 3)
        {
            var line = await NextAsync(lines);
            events += line == "data: noop" ? 1 : 0;
            comments += line!.StartsWith(": ", StringComparison.Ordinal) ? 1 : 0;
        }

        engine.Open();
        Assert.Equal("data: [DONE]", (await RestAsync(lines)).Last(line => line.Length > 0));
        Assert.Equal(1, engine.Requests);
    }

    [Fact]
    public void The_longest_silence_of_a_stream_is_30_seconds()
        => Assert.True(new GatewayHttpOptions().NoOpEvery <= TimeSpan.FromSeconds(30));

    [Fact]
    public async Task An_answer_in_one_piece_sends_its_head_early_and_then_spaces()
    {
        var engine = new GatedGenerator(FakeGenerator.Saying(TestFront.Answer));
        await using var front = await TestFront.StartAsync(engine, Quick);

        using var response = await front.PostAsync(TestFront.Body(TestFront.User("hi")), streams: true);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        var spaces = new byte[3];
        await body.ReadExactlyAsync(spaces, TestContext.Current.CancellationToken).AsTask().DefaultTimeout();
        engine.Open();
        using var rest = new StreamReader(body);
        var answer = JsonNode.Parse(await rest.ReadToEndAsync(TestContext.Current.CancellationToken).DefaultTimeout())!;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("   "u8.ToArray(), spaces);
        Assert.Equal("Bob", answer["choices"]![0]!["content"]!.ToString());
    }

    [Fact]
    public async Task An_answer_that_fails_after_its_head_closes_the_connection()
    {
        var engine = new GatedGenerator(FakeGenerator.Saying());
        await using var front = await TestFront.StartAsync(engine, Quick);

        using var response = await front.PostAsync(TestFront.Body(TestFront.User("hi")), streams: true);
        engine.Break(new ArgumentException("no such token"));

        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).DefaultTimeout());
    }

    [Fact]
    public async Task An_engine_that_dies_is_asked_again_and_the_same_stream_goes_on()
    {
        await using var front = await TestFront.StartAsync(new FaultyGenerator(FakeGenerator.Saying(TestFront.Answer), deaths: 2), Quick);

        using var response = await front.PostAsync(Streamed(), streams: true);
        using var lines = await LinesAsync(response);
        var text = await RestAsync(lines);

        Assert.Contains("data: Bob", text);
        Assert.Contains("data: noop", text);
        Assert.DoesNotContain("event: error", text);
        Assert.Single(front.Sink.Completions);
    }

    [Fact]
    public async Task A_stream_whose_answer_is_lost_for_good_says_so()
    {
        var engine = new GatedGenerator(FakeGenerator.Saying());
        await using var front = await TestFront.StartAsync(engine);

        using var response = await front.PostAsync(Streamed(), streams: true);
        engine.Break(new ArgumentException("no such token"));
        using var lines = await LinesAsync(response);

        Assert.Contains("event: error", await RestAsync(lines));
    }

    [Fact]
    public async Task An_ended_episode_gets_the_answer_that_stops_every_client()
    {
        var engine = new GatedGenerator(FakeGenerator.Saying());
        await using var front = await TestFront.StartAsync(engine);
        using var waiting = await front.PostAsync(Streamed(), streams: true);
        await engine.Asked.DefaultTimeout();

        front.End("e1");
        using var lines = await LinesAsync(waiting);
        await Assert.ThrowsAnyAsync<IOException>(() => RestAsync(lines));
        using var again = await front.PostAsync(Streamed());

        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Equal("false", Assert.Single(again.Headers.GetValues("x-should-retry")));
        Assert.Contains("EpisodeOver", await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).DefaultTimeout(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(null, 1L)]
    public async Task An_episode_over_its_budget_gets_the_answer_that_stops_every_client(int? turns, long? tokens)
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer, TestFront.Answer));
        front.Gateway.OpenSession(new("e1"), new SessionTerms(null, turns, tokens));

        await front.AskAsync(TestFront.Body(TestFront.User("one")));
        using var over = await front.PostAsync(TestFront.Body(TestFront.User("two")));

        Assert.Equal(HttpStatusCode.BadRequest, over.StatusCode);
        Assert.Equal("false", Assert.Single(over.Headers.GetValues("x-should-retry")));
        Assert.Single(front.Sink.Completions);
    }

    private static JsonObject Streamed()
    {
        var body = TestFront.Body(TestFront.User("hi"));
        body["stream"] = true;
        return body;
    }

    private static async Task<StreamReader> LinesAsync(HttpResponseMessage response)
        => new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken).DefaultTimeout());

    private static Task<string?> NextAsync(StreamReader lines) => lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().DefaultTimeout();

    private static async Task<List<string>> RestAsync(StreamReader lines)
    {
        var rest = new List<string>();
        while (await NextAsync(lines) is { } line)
        {
            rest.Add(line);
        }

        return rest;
    }
}
