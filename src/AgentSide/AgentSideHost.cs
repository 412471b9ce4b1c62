using Forge.AgentSide.Agents;
using Forge.AgentSide.Dispatch;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Evaluation;
using Forge.AgentSide.Serving;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Hosting.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
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
    /// <param name="services">The host's.</param>
    /// <param name="options">The environment and how it is played.</param>
    /// <param name="seed">The run's.</param>
    /// <param name="worker">In whose name tickets are held.</param>
    /// <param name="drain">How long running episodes may go on when the scheduler is asked to end.</param>
    public static IServiceCollection AddAgentSide(this IServiceCollection services, AgentSideOptions options, ulong seed, WorkerId worker, TimeSpan drain)
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
            options.ForScheduler(seed) with { Worker = worker, Drain = drain },
            provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Offers evaluations of the environment that <see cref="AddAgentSide"/> registered.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="options">Which tasks, and the agent's limits.</param>
    /// <param name="gateway">Makes a gateway that records into the given sink.</param>
    public static IServiceCollection AddEvaluator(
        this IServiceCollection services, AgentSideOptions options, Func<IServiceProvider, IEpisodeSink, IChatGateway> gateway)
    {
        services.AddSingleton<IPolicyEvaluator>(provider =>
        {
            var collector = new EpisodeCollector();
            var runner = new EpisodeRunner(
                provider.GetRequiredService<IEnvironment>(), gateway(provider, collector), collector, options.ForRunner(),
                provider.GetRequiredService<TimeProvider>());
            return new Evaluator(runner, collector, options.Evaluation);
        });
        services.AddSingleton<EvaluationDesk>();
        return services;
    }

    /// <summary>Maps evaluations; keys of the run may ask for them.</summary>
    public static void MapAgentSide(this IEndpointRouteBuilder endpoints)
        => endpoints.MapGrpcService<EvaluatorGrpcService>().RequireScope(KeyLevel.Run);
}
