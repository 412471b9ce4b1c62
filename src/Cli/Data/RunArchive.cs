using Forge.Cli.Runs;
using Forge.DataPool;
using Forge.DataPool.Archive;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;

namespace Forge.Cli.Data;

/// <summary>What a run keeps, open for reading: its pool.db, or its schema in PostgreSQL.</summary>
internal sealed class RunArchive : IAsyncDisposable
{
    private readonly RunServer? _server;

    private RunArchive(PoolArchive pool, RunServer? server) => (Pool, _server) = (pool, server);

    public PoolArchive Pool { get; }

    /// <summary>A pool.db anywhere.</summary>
    public static RunArchive OpenFile(string path) => new(RecordedPool.Open(path), server: null);

    public static async Task<RunArchive> OpenAsync(RunTarget target, CancellationToken cancellationToken)
    {
        var (folder, options) = (target.Processes.Run, target.Run.Section<DataPoolOptions>());
        if (options.Store != PoolStore.Postgres)
        {
            return OpenFile(Path.Combine(folder, "pool.db"));
        }

        var server = await RunServer.StartAsync(target, cancellationToken);
        try
        {
            return new RunArchive(await PostgresArchive.OpenAsync(options.Postgres, folder, TimeProvider.System, cancellationToken), server);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
