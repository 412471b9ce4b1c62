using Forge.Core.Ports;
using Forge.DataPool.Serving;
using Forge.DataPool.Sqlite;
using Forge.Hosting.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Forge.DataPool;

/// <summary>Offers the data pool as its three ports, and to other processes.</summary>
public static class DataPoolHost
{
    /// <summary>Registers a pool over <paramref name="path"/> (<c>pool.db</c> in the run directory), opened when first asked for.</summary>
    public static IServiceCollection AddDataPool(this IServiceCollection services, string path, DataPoolOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => Open(path, options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IEpisodeSink>(provider => provider.GetRequiredService<DataPool>());
        services.AddSingleton<IGroupDispatcher>(provider => provider.GetRequiredService<DataPool>());
        services.AddSingleton<IBatchSource>(provider => provider.GetRequiredService<DataPool>());
        services.AddSingleton<TakeDesk>();
        return services;
    }

    /// <summary>Maps the pool's calls; keys of the run may make them.</summary>
    public static void MapDataPool(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<EpisodeSinkGrpcService>().RequireScope(KeyLevel.Run);
        endpoints.MapGrpcService<GroupDispatcherGrpcService>().RequireScope(KeyLevel.Run);
        endpoints.MapGrpcService<BatchSourceGrpcService>().RequireScope(KeyLevel.Run);
    }

    /// <summary>Opens a pool over one SQLite file; disposing it closes the file.</summary>
    public static async Task<DataPool> OpenAsync(
        string path, DataPoolOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var store = SqliteEpisodeStore.Open(path, time);
        try
        {
            return await DataPool.OpenAsync(store, options, time, cancellationToken);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    // A container builds its services synchronously; opening an SQLite file never waits for another machine.
    private static DataPool Open(string path, DataPoolOptions options, TimeProvider time)
        => OpenAsync(path, options, time, CancellationToken.None).GetAwaiter().GetResult();
}
