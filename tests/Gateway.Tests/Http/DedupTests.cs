using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Forge.TestKit;

namespace Forge.Gateway.Tests.Http;

/// <summary>A client that asks again never has tokens drawn twice (the checklist's "Dedup").</summary>
public sealed class DedupTests
{
    private static readonly JsonObject Hello = TestFront.Body(TestFront.User("hi"));

    [Fact]
    public async Task An_identical_call_in_flight_is_coalesced()
    {
        var engine = new GatedGenerator(FakeGenerator.Saying(TestFront.Answer, TestFront.Answer));
        await using var front = await TestFront.StartAsync(engine);
        var streamed = Hello.DeepClone().AsObject();
        streamed["stream"] = true;

        using var first = await front.PostAsync(streamed, streams: true);
        using var second = await front.PostAsync(streamed, streams: true);
        await engine.Asked.DefaultTimeout();
        engine.Open();
        var texts = new[] { await TextAsync(first), await TextAsync(second) };

        Assert.Equal(texts[0], texts[1]);
        Assert.Contains("data: Bob", texts[0], StringComparison.Ordinal);
        Assert.Equal(1, engine.Requests);
        Assert.Single(front.Sink.Completions);
    }

    [Fact]
    public async Task An_answer_that_was_not_delivered_is_replayed()
    {
        var engine = new GatedGenerator(FakeGenerator.Saying(TestFront.Answer, "never"));
        await using var front = await TestFront.StartAsync(engine);
        await LeaveAsync(front, Hello, engine.Asked);
        engine.Open();

        var answer = await front.AskAsync(Hello);

        Assert.Equal("Bob", answer["choices"]![0]!["content"]!.ToString());
        Assert.Equal(1, engine.Requests);
        Assert.Single(front.Sink.Completions);
    }

    [Fact]
    public async Task A_call_that_says_it_is_a_retry_gets_the_same_answer()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer, "never"));
        var first = await front.AskAsync(Hello);

        using var response = await front.PostAsync(Hello, header: "x-stainless-retry-count", value: "1");
        var second = JsonNode.Parse(await TextAsync(response))!;

        Assert.Equal(first.ToJsonString(), second.ToJsonString());
        Assert.Single(front.Sink.Completions);
    }

    [Fact]
    public async Task The_same_question_after_its_answer_was_delivered_is_a_new_one()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer, "t\n</think>\n\nEve"));
        var first = await front.AskAsync(Hello);

        using var response = await front.PostAsync(Hello, header: "x-stainless-retry-count", value: "0");
        var second = JsonNode.Parse(await TextAsync(response))!;

        Assert.NotEqual(first["id"]!.ToString(), second["id"]!.ToString());
        Assert.Equal("Eve", second["choices"]![0]!["content"]!.ToString());
        Assert.Equal(2, front.Sink.Completions.Count);
    }

    [Fact]
    public async Task Sessions_do_not_share_answers()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer, "t\n</think>\n\nEve"));
        await front.AskAsync(Hello);

        using var response = await front.PostAsync(Hello, "/e/e2/v1/plain", header: "x-stainless-retry-count", value: "1");

        Assert.Contains("Eve", await TextAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_failed_is_asked_anew()
    {
        var engine = new FaultyGenerator(FakeGenerator.Saying(TestFront.Answer), deaths: 1);
        var options = new GatewayHttpOptions { Address = "http://127.0.0.1:0", Sessions = new Gateway.Sessions.SessionOptions { HoldFor = TimeSpan.Zero } };
        await using var front = await TestFront.StartAsync(engine, options);
        using var failed = await front.PostAsync(Hello);

        var answer = await front.AskAsync(Hello);

        Assert.Equal(503, (int)failed.StatusCode);
        Assert.Equal("Bob", answer["choices"]![0]!["content"]!.ToString());
    }

    // Asks over a bare socket and resets the connection once the engine is at work.
    private static async Task LeaveAsync(TestFront front, JsonObject body, Task asked)
    {
        var (address, json) = (new Uri(front.Address), body.ToJsonString());
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken).AsTask().DefaultTimeout();
        client.LingerState = new LingerOption(true, 0);
        var head = $"POST /e/e1/v1/plain HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(head + json), TestContext.Current.CancellationToken).AsTask().DefaultTimeout();
        await asked.DefaultTimeout();
    }

    private static Task<string> TextAsync(HttpResponseMessage response)
        => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).DefaultTimeout();
}
