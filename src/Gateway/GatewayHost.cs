using Forge.Core.Ports;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Gateway;

/// <summary>Offers the gateway as its port.</summary>
public static class GatewayHost
{
    /// <summary>Registers the gateway; needs an <see cref="IGenerator"/> and an <see cref="IEpisodeSink"/>.</summary>
    public static IServiceCollection AddGateway(
        this IServiceCollection services, GatewayOptions options, ByteLevelBpeTokenizer tokenizer, MiniMaxM2ChatFormat format)
    {
        services.AddSingleton(provider => new ChatGateway(
            provider.GetRequiredService<IGenerator>(), provider.GetRequiredService<IEpisodeSink>(), tokenizer, format, options));
        services.AddSingleton<IChatGateway>(provider => provider.GetRequiredService<ChatGateway>());
        return services;
    }
}
