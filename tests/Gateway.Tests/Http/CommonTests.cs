using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Forge.Gateway.Sessions;
using Forge.Hosting.Keys;
using Forge.Hosting.Services;
using Forge.TestKit;

namespace Forge.Gateway.Tests.Http;

/// <summary>What every API of the gateway has in common (the checklist's "Common").</summary>
public sealed class CommonTests
{
    private static readonly JsonObject Hello = TestFront.Body(TestFront.User("boss of Ann?"));

    [Fact]
    public async Task Connections_are_kept_alive()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer, TestFront.Answer));
        var connections = 0;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                connections++;
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(front.Address) };

        foreach (var text in new[] { "one", "two" })
        {
            using var response = await client.PostAsJsonAsync(
                "/e/e1/v1/plain", TestFront.Body(TestFront.User(text)), TestContext.Current.CancellationToken).DefaultTimeout();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(1, connections);
    }

    [Theory]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("x-api-key", "")]
    public async Task Both_key_headers_name_the_episode(string header, string prefix)
    {
        var keys = Keys(out var key);
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer), keys: keys);

        using var response = await front.PostAsync(Hello, "/v1/plain", header: header, value: prefix + key);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("e7", Assert.Single(front.Sink.Completions).Episode.Value);
    }

    [Fact]
    public async Task An_unknown_key_is_a_401_in_the_APIs_own_shape()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(), keys: Keys(out _));

        using var without = await front.PostAsync(Hello);
        using var wrong = await front.PostAsync(Hello, header: "x-api-key", value: "wrong");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (without.StatusCode, wrong.StatusCode));
        Assert.Equal("UnknownKey", (await JsonAsync(wrong))["error"]!.ToString());
    }

    [Fact]
    public async Task A_key_of_one_episode_does_not_reach_another()
    {
        var keys = Keys(out var key);
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(), keys: keys);

        using var response = await front.PostAsync(Hello, "/e/other/v1/plain", header: "x-api-key", value: key);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(front.Sink.Completions);
    }

    [Theory]
    [InlineData("/plain", "x-session-id")]
    [InlineData("/v1/plain", "session-id")]
    [InlineData("/e/e1/plain", null)]
    [InlineData("/e/e1/v1/plain", null)]
    public async Task The_base_URL_works_with_and_without_v1_and_with_the_episode(string path, string? header)
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer));

        using var response = await front.PostAsync(Hello, path, header: header, value: "e1");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("e1", Assert.Single(front.Sink.Completions).Episode.Value);
    }

    [Fact]
    public async Task A_request_that_names_no_episode_is_told_how()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying());

        using var response = await front.PostAsync(Hello, "/v1/plain");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("/e/EPISODE/v1", (await JsonAsync(response))["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_headers_betas_and_queries_are_ignored()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer));

        using var response = await front.PostAsync(Hello, "/e/e1/v1/plain?beta=true", header: "anthropic-beta", value: "never-heard-of-it");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Bodies_up_to_the_limit_are_read_and_larger_ones_are_a_413()
    {
        await using var front = await TestFront.StartAsync(
            FakeGenerator.Saying(TestFront.Answer), security: new SecurityOptions { MaxRequestBytes = 1 << 20 });
        var (fits, tooLarge) = (Hello.DeepClone().AsObject(), Hello.DeepClone().AsObject());
        fits["padding"] = new string('x', 1_000_000);
        tooLarge["padding"] = new string('x', 1_100_000);

        await front.AskAsync(fits);
        using var response = await front.PostAsync(tooLarge);

        Assert.Equal(64 << 20, new SecurityOptions().MaxRequestBytes);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("TooLarge", (await JsonAsync(response))["error"]!.ToString());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"messages\": 1}")]
    public async Task A_body_that_is_no_request_is_a_400(string body)
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying());

        using var response = await front.Client.PostAsync(
            "/e/e1/v1/plain", new StringContent(body), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("false", Assert.Single(response.Headers.GetValues("x-should-retry")));
    }

    [Fact]
    public async Task Every_answer_and_every_error_has_both_request_ids()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer));

        using var good = await front.PostAsync(Hello);
        using var bad = await front.PostAsync([]);
        using var lost = await front.Client.GetAsync("/v1/nothing", TestContext.Current.CancellationToken).DefaultTimeout();

        foreach (var response in new[] { good, bad, lost })
        {
            var id = Assert.Single(response.Headers.GetValues("x-request-id"));
            Assert.StartsWith("req_", id, StringComparison.Ordinal);
            Assert.Equal(id, Assert.Single(response.Headers.GetValues("request-id")));
        }

        Assert.Equal(Assert.Single(bad.Headers.GetValues("x-request-id")), (await JsonAsync(bad))["request"]!.ToString());
    }

    [Fact]
    public async Task An_engine_that_stays_away_is_a_503_with_both_retry_headers()
    {
        var options = new GatewayHttpOptions { Address = "http://127.0.0.1:0", Sessions = new SessionOptions { HoldFor = TimeSpan.Zero } };
        await using var front = await TestFront.StartAsync(new FaultyGenerator(FakeGenerator.Saying(), deaths: int.MaxValue), options);

        using var response = await front.PostAsync(Hello);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", Assert.Single(response.Headers.GetValues("retry-after")));
        Assert.Equal("1000", Assert.Single(response.Headers.GetValues("retry-after-ms")));
        Assert.False(response.Headers.Contains("x-should-retry"));
    }

    [Theory]
    [InlineData("GET", "/v1/models", true)]
    [InlineData("GET", "/models/forge", true)]
    [InlineData("GET", "/e/e1/v1/models/MiniMaxAI/MiniMax-M2", true)]
    [InlineData("HEAD", "/v1/models", false)]
    [InlineData("HEAD", "/v1/models/forge", false)]
    public async Task Models_are_listed_and_shown(string method, string path, bool hasBody)
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying());

        using var response = await front.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        Assert.Equal(hasBody, text.Contains(path.EndsWith("M2", StringComparison.Ordinal) ? "MiniMaxAI/MiniMax-M2" : "forge", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("POST", "/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/v1/plain", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/v1/models", HttpStatusCode.MethodNotAllowed)]
    public async Task An_unknown_URL_or_method_is_an_error_in_JSON(string method, string path, HttpStatusCode status)
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying());

        using var response = await front.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(["message", "type", "param", "code"], (await JsonAsync(response))["error"]!.AsObject().Select(pair => pair.Key));
    }

    [Fact]
    public async Task Web_pages_of_other_origins_get_no_leave_to_call()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying());
        var request = new HttpRequestMessage(HttpMethod.Options, "/v1/plain");
        request.Headers.Add("Origin", "https://example.org");
        request.Headers.Add("Access-Control-Request-Method", "POST");

        using var response = await front.Client.SendAsync(request, TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    private static KeyRing Keys(out string episodeKey)
    {
        var keys = new KeyRing(TimeProvider.System);
        keys.Add("admin", KeyScope.Admin);
        episodeKey = keys.Mint("admin", KeyScope.OfEpisode("r", "e7"), TimeSpan.FromHours(1))!.Value.Key;
        return keys;
    }

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage response)
        => (await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken).DefaultTimeout())!;
}
