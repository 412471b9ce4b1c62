using Forge.Contracts.Clients;
using Forge.Contracts.Streams;
using Forge.Hosting.Calls;
using Forge.Hosting.Services;
using Forge.TestKit;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;

namespace Forge.Contracts.Tests.Ports;

/// <summary>One service in a host of its own on a socket file, and the channel to it: everything that lies between two processes but the processes.</summary>
internal sealed class ServedOnSocket : IAsyncDisposable
{
    private const string Address = "unix:s";

    private readonly ServiceHost _host;
    private readonly ServiceChannel _channel;

    private ServedOnSocket(ServiceHost host, ServiceChannel channel) => (_host, _channel) = (host, channel);

    /// <summary>Short enough that polls are issued again within a test.</summary>
    public static WireOptions Options { get; } = new() { PollWait = TimeSpan.FromMilliseconds(200), RetryDelay = TimeSpan.FromMilliseconds(20) };

    public CallInvoker Invoker => _channel.Invoker;

    public IServiceProvider Services => _host.App.Services;

    public static async Task<ServedOnSocket> StartAsync(TemporaryFolder folder, Action<WebApplicationBuilder> add, Action<WebApplication> map)
    {
        var parts = new ServiceHostParts
        {
            Name = ServiceName.DataPool,
            Run = "test",
            RunDirectory = folder.Path,
            Services = new ServicesOptions { DataPool = Address },
        };
        var builder = ServiceHost.CreateBuilder(parts);
        add(builder);
        var host = ServiceHost.Build(builder);
        map(host.App);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new ServedOnSocket(host, Open(folder));
    }

    /// <summary>Another caller's channel to the service of this folder, whichever life of it answers.</summary>
    public static ServiceChannel Open(TemporaryFolder folder) => new(new ServiceChannelParts
    {
        Address = ServiceAddress.Parse(Address, folder.Path),
        Repeatable = new RepeatableMethods(ForgeServices.All),
        Transport = connection => new StreamedCallInvoker(connection, TimeProvider.System),
    });

    /// <summary>Ends the service in good order.</summary>
    public Task<bool> DrainAsync() => _host.DrainAsync();

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DrainAsync();
        await _host.DisposeAsync();
    }
}
