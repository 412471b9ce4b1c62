using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Gateway.Http;
using Forge.Hosting.Keys;
using Forge.Hosting.Services;
using Forge.TestKit;

namespace Forge.Gateway.Tests.Http;

/// <summary>A gateway with a real listener over an engine that the test gives.</summary>
internal sealed class TestFront : IAsyncDisposable
{
    public const string Answer = "t\n</think>\n\nBob";
    public const string Call = "think\n</think>\n\n\n<minimax:tool_call>\n<invoke name=\"lookup\">\n<parameter name=\"of\">Ann</parameter>\n</invoke>\n</minimax:tool_call>";

    private readonly HttpFront _front;

    private TestFront(HttpFront front, ChatGateway gateway, RecordingEpisodeSink sink)
    {
        (_front, Gateway, Sink) = (front, gateway, sink);
        Client = new HttpClient { BaseAddress = new Uri(front.Address) };
    }

    public ChatGateway Gateway { get; }

    public RecordingEpisodeSink Sink { get; }

    public HttpClient Client { get; }

    public string Address => _front.Address;

    public IHarnessGateway Harnesses => _front.Harnesses;

    public static async Task<TestFront> StartAsync(
        IGenerator engine, GatewayHttpOptions? options = null, KeyRing? keys = null, SecurityOptions? security = null, int contextLength = 4096)
    {
        var sink = new RecordingEpisodeSink();
        var gateway = new ChatGateway(
            engine, sink, TinyTokenizer.Instance, new MiniMaxM2ChatFormat(), new GatewayOptions { ContextLength = contextLength });
        options ??= new GatewayHttpOptions { Address = "http://127.0.0.1:0" };
        var front = await HttpFront.StartAsync(
            new HttpFrontParts
            {
                Gateway = gateway,
                Options = options,
                Views = [.. ApiView.All, new ApiView("/plain", new PlainProtocol())],
                Run = "r",
                RunDirectory = Path.GetTempPath(),
                Keys = keys ?? new KeyRing(TimeProvider.System),
                Security = security ?? new SecurityOptions(),
            },
            TestContext.Current.CancellationToken);
        return new TestFront(front, gateway, sink);
    }

    public static JsonObject Body(params JsonNode[] messages) => new() { ["messages"] = new JsonArray(messages) };

    public static JsonObject User(string text) => new() { ["role"] = "user", ["content"] = text };

    public static JsonObject System(string text) => new() { ["role"] = "system", ["content"] = text };

    public Task<HttpResponseMessage> PostAsync(
        JsonObject body, string path = "/e/e1/v1/plain", bool streams = false, string? header = null, string? value = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (header is not null)
        {
            request.Headers.Add(header, value);
        }

        return Client.SendAsync(
                request, streams ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, TestContext.Current.CancellationToken)
            .DefaultTimeout();
    }

    /// <summary>Posts a request that is answered.</summary>
    public async Task<JsonNode> AskAsync(JsonObject body, string path = "/e/e1/v1/plain")
    {
        using var response = await PostAsync(body, path);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public void End(string episode) => Gateway.EndSession(new EpisodeId(episode));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await _front.StopAsync(limit.Token);
        await _front.DisposeAsync();
    }
}
