using Forge.Cli.Composition;
using Forge.Hosting.Health;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Cli.Services;

/// <summary>What a service process is composed from.</summary>
/// <param name="Name">Which service.</param>
/// <param name="Run">The run file that all its processes share.</param>
/// <param name="RunDirectory">The run's folder, absolute.</param>
/// <param name="Channels">Reaches the others.</param>
internal sealed record ServiceContext(ServiceName Name, RunFile Run, string RunDirectory, ServiceChannels Channels)
{
    public ulong Seed => Run.Section<RunOptions>().Seed;

    /// <summary>What makes this service ready: those that it calls live.</summary>
    public void AddReachable(IServiceCollection services, params IEnumerable<ServiceName> called)
    {
        var (addresses, tls) = (Run.Section<ServicesOptions>(), Run.Section<SecurityOptions>().Tls);
        foreach (var service in called)
        {
            var address = ServiceAddress.Parse(addresses.AddressOf(service), RunDirectory);
            services.AddSingleton<IReadinessCheck>(_ => new ReachableCheck(service, address, tls));
        }
    }

    public ServiceHostParts Parts => ServiceHostParts.Of(Name, Run.Section<RunOptions>().Name, Run, RunDirectory);
}
