using Forge.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Forge.Cli.Services;

/// <summary>Registers what a service does by itself.</summary>
internal static class ServiceLoops
{
    public static IServiceCollection AddLoop(this IServiceCollection services, string name, Func<IServiceProvider, CancellationToken, Task> run)
    {
        ServiceLoop? loop = null;
        ServiceLoop Get(IServiceProvider provider)
            => loop ??= new ServiceLoop(name, stop => run(provider, stop), provider.GetRequiredService<IHostApplicationLifetime>());
        return services
            .AddSingleton(Get)
            .AddSingleton<IHostedService>(Get)
            .AddSingleton<IDrainable>(Get);
    }
}
