using Forge.Contracts.Streams;
using Forge.Contracts.V1;
using Forge.Core.Ports;
using Forge.Hosting.Health;
using Forge.Hosting.Keys;
using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;
using Forge.Rollout.Decoding;
using Forge.Rollout.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using static TorchSharp.torch;

namespace Forge.Rollout;

/// <summary>Wires the rollout engine into a host.</summary>
public static class RolloutHost
{
    /// <summary>
    /// Offers one engine as <see cref="IGenerator"/> and <see cref="IPolicySink"/>; it answers once a policy was published.
    /// </summary>
    public static IHostApplicationBuilder AddRollout(this IHostApplicationBuilder builder, RolloutOptions options, M2Config config)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(services => CreateEngine(options, config, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<IGenerator>(services => services.GetRequiredService<RolloutEngine>());
        builder.Services.AddSingleton<IPolicySink>(services => services.GetRequiredService<RolloutEngine>());
        builder.Services.AddStreamedCalls().AddSingleton<WeightsDesk>();
        builder.Services.AddSingleton<RolloutHealth>();
        builder.Services.AddSingleton<IReadinessCheck>(services => services.GetRequiredService<RolloutHealth>());
        builder.Services.AddSingleton<IStatusSource>(services => services.GetRequiredService<RolloutHealth>());
        return builder;
    }

    /// <summary>Maps the engine's calls; keys of the run may make them.</summary>
    public static void MapRollout(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<RolloutGrpcService>().RequireScope(KeyLevel.Run);
        endpoints.MapGrpcService<WeightsGrpcService>().RequireScope(KeyLevel.Run);
        endpoints.MapStreamedCalls(StreamedCallsHost.Of<RolloutGrpcService>(RolloutService.BindService));
    }

    /// <summary>Makes an engine outside a host, with the decoder that the options ask for.</summary>
    public static RolloutEngine CreateEngine(RolloutOptions options, M2Config config, TimeProvider time)
    {
        var slots = options.Slots + options.SharedPrefixes;
        var rows = options.Slots + options.PrefillBudget;
        IDecoder decoder = options is { Device: "cpu", Dtype: "float32" }
            ? new CpuDecoder(config, slots, options.MaxContext, rows, options.Threads)
            : new ModelDecoder(config, Placement(options), slots, options.MaxContext, rows);
        return new RolloutEngine(decoder, options, time);
    }

    private static ModelPlacement Placement(RolloutOptions options)
    {
        var dtype = options.Dtype switch
        {
            "float64" => ScalarType.Float64,
            "bfloat16" => ScalarType.BFloat16,
            _ => ScalarType.Float32,
        };
        return new ModelPlacement(ModelPlacement.ParseDevice(options.Device), dtype);
    }
}
