using System.Net;
using Forge.TestKit;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Forge.Grpc.Tests.Echo;

/// <summary>An echo service on a port of its own.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private EchoServer(WebApplication application)
    {
        _application = application;
        Address = new Uri(application.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    internal Uri Address { get; }

    internal CallJournal Journal => _application.Services.GetRequiredService<CallJournal>();

    internal static async Task<EchoServer> StartAsync(EchoServerOptions? options = null)
    {
        options ??= new EchoServerOptions();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.AddSingleton<CallJournal>();
        builder.Services.AddGrpc(options.Grpc);
        options.Services(builder.Services);
        var application = builder.Build();
        options.Application(application);
        options.Mapped(application.MapGrpcService<EchoHandler>());
        await application.StartAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        return new EchoServer(application);
    }

    internal GrpcChannel Channel(GrpcChannelOptions? options = null) => GrpcChannel.ForAddress(Address, options ?? new GrpcChannelOptions());

    internal EchoService.EchoServiceClient Client(GrpcChannelOptions? options = null) => new(Channel(options));

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token).DefaultTimeout();
        await _application.DisposeAsync();
    }

    private static void Listen(KestrelServerOptions kestrel, EchoServerOptions options)
    {
        kestrel.Limits.Http2.MaxStreamsPerConnection = 2_000;
        if (options.UnixSocket is { } path)
        {
            kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2);
        }
        else
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                options.Listen(listen);
            });
        }
    }
}
