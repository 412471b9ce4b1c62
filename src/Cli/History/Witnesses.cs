using Forge.Cli.Composition;
using Forge.Cli.Services;
using Forge.Core.Ports;
using Forge.Hosting.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Cli.History;

/// <summary>Puts witnesses before the data pool's ports of one service, when the run keeps a history (<c>run.history</c>).</summary>
internal static class Witnesses
{
    /// <summary>The file of one service's history.</summary>
    public static string File(string folder, ServiceName service) => Path.Combine(folder, $"{ServiceNames.Of(service)}.jsonl");

    /// <summary>Called after the ports were registered.</summary>
    public static IServiceCollection AddWitnesses(this IServiceCollection services, ServiceContext context)
    {
        if (context.Run.Section<RunOptions>().History is not { } folder)
        {
            return services;
        }

        var path = File(Path.GetFullPath(folder, context.RunDirectory), context.Name);
        services.AddSingleton(provider => new HistoryLog(path, provider.GetRequiredService<TimeProvider>()));
        Wrap<IEpisodeSink>(services, (inner, log) => new WitnessedSink(inner, log));
        Wrap<IGroupDispatcher>(services, (inner, log) => new WitnessedDispatcher(inner, log));
        Wrap<IBatchSource>(services, (inner, log) => new WitnessedSource(inner, log));
        return services;
    }

    private static void Wrap<T>(IServiceCollection services, Func<T, HistoryLog, T> wrap)
        where T : class
    {
        var inner = services.Last(service => service.ServiceType == typeof(T));
        services.Remove(inner);
        services.AddSingleton(provider => wrap((T)inner.ImplementationFactory!(provider), provider.GetRequiredService<HistoryLog>()));
    }
}
