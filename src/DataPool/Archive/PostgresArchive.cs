using System.Collections.Immutable;
using Dapper;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.DataPool.Postgres;
using Forge.DataPool.Postgres.Migrations;
using Forge.DataPool.Rows;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Archive;

/// <summary>Reads a run's schema in PostgreSQL, beside the process that works on it when there is one: each read sees one state.</summary>
public sealed class PostgresArchive : IPoolArchive
{
    private readonly PostgresReader _reader;

    private PostgresArchive(PostgresRun run, TimeProvider time) => (Path, _reader) = (run.Place, new PostgresReader(run, time));

    public string Path { get; }

    /// <param name="options">The run's.</param>
    /// <param name="folder">The run's folder, which names the run unless the options do.</param>
    /// <param name="time">Paces reconnecting.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ForgeException">The server can't be reached, or the run is not there or of another schema version.</exception>
    public static async Task<PostgresArchive> OpenAsync(PostgresOptions options, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var name = options.Run.Length > 0 ? options.Run : System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(folder));
        var archive = new PostgresArchive(new PostgresRun(options.For(folder, time), name), time);
        try
        {
            var version = await archive._reader.ReadAsync(
                transaction => transaction.Connection!.ExecuteScalarAsync<int>("SELECT COALESCE(MAX(version), 0) FROM schema_version", transaction: transaction),
                cancellationToken);
            return version == PostgresMigrations.All.Count
                ? archive
                : throw new ForgeException(
                    $"The {archive.Path} has schema version {version}, this Forge reads {PostgresMigrations.All.Count}. "
                    + "Resume the run once, which brings an older one up to date.");
        }
        catch
        {
            await archive.DisposeAsync();
            throw;
        }
    }

    public Task<Group> ReadGroupAsync(GroupId group, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.GroupAsync(transaction, group), cancellationToken);

    public Task<BatchManifest?> ReadBatchAsync(PolicyVersion step, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.BatchAsync(transaction, step), cancellationToken);

    public Task<ImmutableArray<ArchivedGroup>> ListAsync(GroupId first, int most, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => ArchiveQueries.ListAsync(transaction, first, most), cancellationToken);

    public ValueTask DisposeAsync() => _reader.DisposeAsync();
}
