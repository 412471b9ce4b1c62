using Forge.AgentSide.Agents;
using Forge.AgentSide.Dispatch;
using Forge.AgentSide.Environments;
using Forge.Core.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Forge.AgentSide;

/// <summary>Wires the agent side into a host.</summary>
public static class AgentSideHost
{
    /// <summary>
    /// Registers the environment and the scheduler that plays it; needs an <see cref="IChatGateway"/>, an
    /// <see cref="IEpisodeSink"/> and an <see cref="IGroupDispatcher"/>.
    /// </summary>
    public static IServiceCollection AddAgentSide(this IServiceCollection services, AgentSideOptions options, ulong seed)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => EnvironmentCatalog.Create(options.Environment));
        services.AddSingleton(provider => new EpisodeRunner(
            provider.GetRequiredService<IEnvironment>(),
            provider.GetRequiredService<IChatGateway>(),
            provider.GetRequiredService<IEpisodeSink>(),
            options.ForRunner(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new EpisodeScheduler(
            provider.GetRequiredService<IGroupDispatcher>(),
            provider.GetRequiredService<EpisodeRunner>(),
            new TaskCurriculum(provider.GetRequiredService<IEnvironment>(), options.Curriculum, seed),
            options.ForScheduler(seed),
            provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
