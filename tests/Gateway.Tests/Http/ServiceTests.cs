using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Forge.Core.Ports;
using Forge.Core.Text.MiniMax;
using Forge.Hosting.Services;
using Forge.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Gateway.Tests.Http;

/// <summary>The door of the gateway as a service.</summary>
public sealed class ServiceTests
{
    [Fact]
    public async Task The_service_opens_the_door_at_its_address_and_closes_it_with_itself()
    {
        using var folder = new TemporaryFolder();
        var socket = Path.Combine(folder.Path, "agents.sock");
        var options = new GatewayOptions { ContextLength = 4096, Http = new GatewayHttpOptions { Address = "unix:agents.sock" } };
        var parts = new ServiceHostParts
        {
            Name = ServiceName.Gateway,
            Run = "r",
            RunDirectory = folder.Path,
            Services = new ServicesOptions { Gateway = "unix:gateway.sock" },
        };
        var builder = ServiceHost.CreateBuilder(parts);
        builder.Services
            .AddSingleton<IGenerator>(FakeGenerator.Saying(TestFront.Answer))
            .AddSingleton<IEpisodeSink>(new RecordingEpisodeSink())
            .AddGateway(options, TinyTokenizer.Instance, new MiniMaxM2ChatFormat())
            .AddHttpFront(options.Http);
        await using var host = ServiceHost.Build(builder);
        host.App.MapGateway();
        await host.StartAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        using var client = Client(socket);

        using var response = await client.PostAsJsonAsync(
            "/e/e1/v1/chat/completions",
            new { model = "m", messages = new[] { new { role = "user", content = "hi" } } },
            TestContext.Current.CancellationToken).DefaultTimeout();
        var drained = await host.DrainAsync().DefaultTimeout();

        Assert.Equal((HttpStatusCode.OK, true), (response.StatusCode, drained));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/v1/models", TestContext.Current.CancellationToken).DefaultTimeout());
    }

    private static HttpClient Client(string path) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://localhost"),
    };
}
