using Forge.Contracts.Streams;
using Forge.Contracts.V1;
using Forge.Core.Ports;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;
using Forge.Gateway.Http;
using Forge.Gateway.Serving;
using Forge.Hosting.Keys;
using Forge.Hosting.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Forge.Gateway;

/// <summary>Offers the gateway as its port, and to other processes.</summary>
public static class GatewayHost
{
    /// <summary>Registers the gateway; needs an <see cref="IGenerator"/> and an <see cref="IEpisodeSink"/>.</summary>
    public static IServiceCollection AddGateway(
        this IServiceCollection services, GatewayOptions options, ByteLevelBpeTokenizer tokenizer, MiniMaxM2ChatFormat format)
    {
        services.AddSingleton(provider => new ChatGateway(
            provider.GetRequiredService<IGenerator>(), provider.GetRequiredService<IEpisodeSink>(), tokenizer, format, options));
        services.AddSingleton<IChatGateway>(provider => provider.GetRequiredService<ChatGateway>());
        services.AddSingleton(provider =>
        {
            var captured = new CompletionCapture();
            var evaluation = new ChatGateway(provider.GetRequiredService<IGenerator>(), captured, tokenizer, format, options);
            return new ServedGateways(provider.GetRequiredService<ChatGateway>(), evaluation, captured);
        });
        return services.AddStreamedCalls();
    }

    /// <summary>
    /// Opens the door for agents that were not written for Forge, when the run file gives it an address; needs <see cref="AddGateway"/> and a
    /// service's host.
    /// </summary>
    public static IServiceCollection AddHttpFront(this IServiceCollection services, GatewayHttpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Address is null ? services : services.AddHostedService(provider => new HttpFrontService(
            provider.GetRequiredService<ChatGateway>(),
            options,
            provider.GetRequiredService<ServiceHostParts>(),
            provider.GetRequiredService<KeyRing>(),
            provider.GetServices<ILoggerProvider>()));
    }

    /// <summary>Maps the gateway's calls; keys of the run may make them, and keys of an episode those that are about it.</summary>
    public static void MapGateway(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<GatewayGrpcService>().RequireScope(KeyLevel.Episode);
        endpoints.MapEpisodeKeys();
        endpoints.MapStreamedCalls(StreamedCallsHost.Of<GatewayGrpcService>(GatewayService.BindService));
    }
}
