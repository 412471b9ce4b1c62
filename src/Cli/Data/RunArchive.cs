using Forge.Cli.Runs;
using Forge.DataPool;
using Forge.DataPool.Archive;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.Hosting.Local;

namespace Forge.Cli.Data;

/// <summary>Opens what a run keeps: its pool.db, or its schema in PostgreSQL.</summary>
internal static class RunArchive
{
    /// <summary>
    /// Reads from the run's archive. The PostgreSQL of a stopped run is started for as long as that takes, and nobody can start the run meanwhile.
    /// </summary>
    public static async Task ReadAsync(RunTarget target, Func<PoolArchive, Task> read, CancellationToken cancellationToken)
    {
        var (folder, options) = (target.Processes.Run, target.Run.Section<DataPoolOptions>());
        if (options.Store != PoolStore.Postgres)
        {
            await using var recorded = RecordedPool.Open(Path.Combine(folder, "pool.db"));
            await read(recorded);
            return;
        }

        var server = DistributedRun.Postgres(folder);
        var isOurs = options.Postgres.IsLocal && server.ProcessId is null;
        using var held = isOurs ? target.Processes.Lock() : null;
        try
        {
            await (isOurs ? server.StartAsync(cancellationToken) : Task.CompletedTask);
            await using var archive = await PostgresArchive.OpenAsync(options.Postgres, folder, TimeProvider.System, cancellationToken);
            await read(archive);
        }
        finally
        {
            await (isOurs ? server.StopAsync(PostgresStop.Fast, CancellationToken.None) : Task.CompletedTask);
        }
    }
}
