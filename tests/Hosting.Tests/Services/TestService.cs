using System.Net;
using Forge.Hosting.Services;
using Forge.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Hosting.Tests.Services;

/// <summary>A gateway process without a gateway, on a port of its own.</summary>
internal sealed class TestService : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private TestService(ServiceHost host, TemporaryFolder folder) => (Host, _folder) = (host, folder);

    public ServiceHost Host { get; }

    public Uri Uri => new(Host.Addresses.Single());

    public static ServiceHostParts Parts(
        string folder, string address = "http://127.0.0.1:0", SecurityOptions? security = null, string? bind = null, TimeSpan? drain = null) => new()
        {
            Name = ServiceName.Gateway,
            Run = "run-a",
            RunDirectory = folder,
            Services = new ServicesOptions { Gateway = address, Bind = bind, DrainTimeout = drain ?? TimeSpan.FromSeconds(30) },
            Security = security ?? new SecurityOptions(),
        };

    public static async Task<TestService> StartAsync(
        Action<WebApplication>? map = null, string address = "http://127.0.0.1:0", SecurityOptions? security = null, TimeSpan? drain = null,
        Action<IServiceCollection>? services = null)
    {
        var folder = new TemporaryFolder();
        var builder = ServiceHost.CreateBuilder(Parts(folder.Path, address, security, drain: drain));
        services?.Invoke(builder.Services);
        var host = ServiceHost.Build(builder);
        map?.Invoke(host.App);
        await host.StartAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        return new TestService(host, folder);
    }

    public HttpClient Client(Version? version = null) => new()
    {
        BaseAddress = Uri,
        DefaultRequestVersion = version ?? HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Dispose();
    }
}
