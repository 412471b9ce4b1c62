using Forge.Core.Ports;
using Forge.DataPool.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Forge.DataPool;

/// <summary>Offers the data pool as its three ports.</summary>
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
        return services;
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
