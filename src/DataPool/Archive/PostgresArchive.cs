using Dapper;
using Forge.Core.Faults;
using Forge.DataPool.Postgres;
using Forge.DataPool.Postgres.Migrations;

namespace Forge.DataPool.Archive;

/// <summary>Reads a run's schema in PostgreSQL, beside the process that works on it when there is one: each read sees one state.</summary>
public sealed class PostgresArchive : PoolArchive
{
    private PostgresArchive(PostgresReader reader, string path)
        : base(reader, path)
    {
    }

    /// <param name="options">The run's.</param>
    /// <param name="folder">The run's folder, which names the run unless the options do.</param>
    /// <param name="time">Paces reconnecting.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ForgeException">The server can't be reached, or the run is not there or of another schema version.</exception>
    public static async Task<PostgresArchive> OpenAsync(PostgresOptions options, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var name = options.Run.Length > 0 ? options.Run : System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(folder));
        var run = new PostgresRun(options.For(folder, time), name);
        var reader = new PostgresReader(run, time);
        try
        {
            var version = await reader.ReadAsync(
                transaction => transaction.Connection!.ExecuteScalarAsync<int>("SELECT COALESCE(MAX(version), 0) FROM schema_version", transaction: transaction),
                cancellationToken);
            return version == PostgresMigrations.All.Count
                ? new PostgresArchive(reader, run.Place)
                : throw new ForgeException(
                    $"The {run.Place} has schema version {version}, this Forge reads {PostgresMigrations.All.Count}. "
                    + "Resume the run once, which brings an older one up to date.");
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }
}
