using Forge.Core.Ports;
using Forge.Rollout.Decoding;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Forge.Rollout;

/// <summary>Wires the rollout engine into a host.</summary>
public static class RolloutHost
{
    /// <summary>Offers one engine as <see cref="IGenerator"/> and <see cref="IPolicySink"/>; it answers once a policy was published.</summary>
    public static IHostApplicationBuilder AddRollout(this IHostApplicationBuilder builder, RolloutOptions options, PolicyShape shape)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(services => CreateEngine(options, shape, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<IGenerator>(services => services.GetRequiredService<RolloutEngine>());
        builder.Services.AddSingleton<IPolicySink>(services => services.GetRequiredService<RolloutEngine>());
        return builder;
    }

    /// <summary>Makes an engine outside a host, with the decoder that the options ask for.</summary>
    public static RolloutEngine CreateEngine(RolloutOptions options, PolicyShape shape, TimeProvider time)
    {
        var slots = options.Slots + options.SharedPrefixes;
        var rows = options.Slots + options.PrefillBudget;
        return new RolloutEngine(new CpuDecoder(shape, slots, options.MaxContext, rows, options.Threads), options, time);
    }
}
