using Forge.Contracts.Streams;
using Forge.Contracts.V1;
using Forge.Core.Ports;
using Forge.DataPool.Hot;
using Forge.DataPool.Postgres;
using Forge.DataPool.Postgres.Migrations;
using Forge.DataPool.Serving;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.Hosting.Health;
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
        services.AddSingleton(provider => Open(path, options, provider.GetRequiredService<TimeProvider>(), provider.GetService<IHotState>()));
        services.AddSingleton<IEpisodeSink>(provider => provider.GetRequiredService<DataPool>());
        services.AddSingleton<IGroupDispatcher>(provider => provider.GetRequiredService<DataPool>());
        services.AddSingleton<IBatchSource>(provider => provider.GetRequiredService<DataPool>());
        services.AddStreamedCalls().AddSingleton<TakeDesk>();
        services.AddSingleton<PoolHealth>();
        services.AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<PoolHealth>());
        services.AddSingleton<IStatusSource>(provider => provider.GetRequiredService<PoolHealth>());
        return options.Redis.IsUsed ? services.AddHotState(Path.GetDirectoryName(Path.GetFullPath(path))!, options.Redis) : services;
    }

    /// <summary>Maps the pool's calls; keys of the run may make them.</summary>
    public static void MapDataPool(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<EpisodeSinkGrpcService>().RequireScope(KeyLevel.Run);
        endpoints.MapGrpcService<GroupDispatcherGrpcService>().RequireScope(KeyLevel.Run);
        endpoints.MapGrpcService<BatchSourceGrpcService>().RequireScope(KeyLevel.Run);
        endpoints.MapStreamedCalls(StreamedCallsHost.Of<EpisodeSinkGrpcService>(EpisodeSinkService.BindService));
    }

    /// <summary>Opens a pool over the store that the options name; disposing it closes the store.</summary>
    /// <param name="path">The SQLite file; in a database, the run has the name of its folder.</param>
    /// <param name="options">The pool's.</param>
    /// <param name="time">Paces deadlines and reconnecting.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DataPool> OpenAsync(
        string path, DataPoolOptions options, TimeProvider time, CancellationToken cancellationToken)
        => await OpenShownAsync(path, options, time, hot: null, cancellationToken);

    /// <summary>Opens the store alone, as <see cref="OpenAsync"/> does.</summary>
    public static async Task<IEpisodeStore> OpenStoreAsync(
        string path, DataPoolOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.Store != PoolStore.Postgres)
        {
            return SqliteEpisodeStore.Open(path, time, options.FlushEveryWrite);
        }

        var run = PostgresRun.Of(options.Postgres, Path.GetDirectoryName(Path.GetFullPath(path))!, time);
        return await PostgresEpisodeStore.OpenAsync(run, PostgresMigrations.All, time, cancellationToken);
    }

    /// <summary>Opens a pool over a store of its own, with what the hot state still knows of the pool's life before; closes the store when it can't.</summary>
    internal static async Task<DataPool> OpenOverAsync(
        IEpisodeStore store, DataPoolOptions options, TimeProvider time, IHotState? hot, CancellationToken cancellationToken)
    {
        try
        {
            // Whoever showed the pool before has ended now: the store is this process' alone.
            var shown = hot is null ? null : await hot.ReadAsync(cancellationToken);
            return await DataPool.OpenAsync(store, options, time, shown, cancellationToken);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    private static async Task<DataPool> OpenShownAsync(
        string path, DataPoolOptions options, TimeProvider time, IHotState? hot, CancellationToken cancellationToken)
        => await OpenOverAsync(await OpenStoreAsync(path, options, time, cancellationToken), options, time, hot, cancellationToken);

    // Shows the pool to other processes, and to the one that takes over.
    private static IServiceCollection AddHotState(this IServiceCollection services, string folder, RedisOptions redis)
        => services
            .AddSingleton(provider => redis.ConnectAsync(folder, provider.GetRequiredService<TimeProvider>()).GetAwaiter().GetResult())
            .AddHostedService(provider => new HotMirrorService(
                provider.GetRequiredService<DataPool>(), provider.GetRequiredService<IHotState>(), provider.GetRequiredService<TimeProvider>()));

    // A container builds its services synchronously; opening waits for a database at most as long as for one connection.
    private static DataPool Open(string path, DataPoolOptions options, TimeProvider time, IHotState? hot)
        => OpenShownAsync(path, options, time, hot, CancellationToken.None).GetAwaiter().GetResult();
}
