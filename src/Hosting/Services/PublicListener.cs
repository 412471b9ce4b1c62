using Forge.Core.Faults;
using Forge.Hosting.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Forge.Hosting.Services;

/// <summary>Prepares an HTTP listener that programs outside Forge use, by the rules and within the bounds of the services.</summary>
public static class PublicListener
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>An application with a listener and nothing else: its owner maps what it serves, and checks keys.</summary>
    /// <param name="name">What listens, for messages.</param>
    /// <param name="address">Where.</param>
    /// <param name="security">Limits and certificates.</param>
    /// <param name="keys">The keys that callers may show.</param>
    /// <exception cref="ForgeException">It would be open to everyone, or its certificate can't be read.</exception>
    public static WebApplicationBuilder CreateBuilder(string name, ServiceAddress address, SecurityOptions security, KeyRing keys)
    {
        BindRules.Require(name, address, bind: null, security, keys);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Forge" });
        KestrelSetup.ConfigurePublic(builder.WebHost, address, security);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddRouting();
        builder.Services.Configure<HostFilteringOptions>(filter => filter.AllowedHosts = [.. BindRules.AllowedHosts(address.IsLocal)]);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        return builder;
    }
}
