using Forge.Contracts.Clients;
using Forge.Core.Ports;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Forge.Contracts;

/// <summary>
/// Puts services of other processes behind the ports: what <c>AddX</c> offers in process, <c>AddRemoteX</c> offers over a wire. The invoker is the
/// channel to the service, with the host's deadlines, keys and retries around it.
/// </summary>
public static class RemotePorts
{
    /// <summary>Offers <see cref="IEpisodeSink"/>, <see cref="IGroupDispatcher"/> and <see cref="IBatchSource"/>.</summary>
    public static IServiceCollection AddRemoteDataPool(this IServiceCollection services, Func<IServiceProvider, CallInvoker> invoker)
        => services
            .AddWire<IEpisodeSink>((provider, options, time) => new GrpcEpisodeSink(invoker(provider), options, time))
            .AddWire<IGroupDispatcher>((provider, options, time) => new GrpcGroupDispatcher(invoker(provider), options, time))
            .AddWire<IBatchSource>((provider, options, time) => new GrpcBatchSource(invoker(provider), options, time));

    /// <summary>Offers <see cref="IChatGateway"/>.</summary>
    public static IServiceCollection AddRemoteGateway(this IServiceCollection services, Func<IServiceProvider, CallInvoker> invoker)
        => services.AddWire<IChatGateway>((provider, options, time) => new GrpcChatGateway(invoker(provider), options, time));

    /// <summary>Offers <see cref="IGenerator"/> and <see cref="IPolicySink"/>.</summary>
    public static IServiceCollection AddRemoteRollout(this IServiceCollection services, Func<IServiceProvider, CallInvoker> invoker)
        => services
            .AddWire<IGenerator>((provider, options, time) => new GrpcGenerator(invoker(provider), options, time))
            .AddWire((provider, options, time) => new GrpcPolicySink(invoker(provider), options, time))
            .AddSingleton<IPolicySink>(provider => provider.GetRequiredService<GrpcPolicySink>());

    /// <summary>Offers <see cref="IPolicyEvaluator"/>.</summary>
    public static IServiceCollection AddRemoteAgentSide(this IServiceCollection services, Func<IServiceProvider, CallInvoker> invoker)
        => services.AddWire<IPolicyEvaluator>((provider, options, time) => new GrpcPolicyEvaluator(invoker(provider), options, time));

    private static IServiceCollection AddWire<T>(this IServiceCollection services, Func<IServiceProvider, WireOptions, TimeProvider, T> create)
        where T : class
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(WireOptions.Default);
        return services.AddSingleton(
            provider => create(provider, provider.GetRequiredService<WireOptions>(), provider.GetRequiredService<TimeProvider>()));
    }
}
