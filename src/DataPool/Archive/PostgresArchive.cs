using Forge.Core.Faults;
using Forge.DataPool.Postgres;
using Forge.DataPool.Postgres.Migrations;
using Npgsql;

namespace Forge.DataPool.Archive;

/// <summary>Reads a run's schema in PostgreSQL, beside the process that works on it when there is one: each read sees one state.</summary>
public sealed class PostgresArchive : PoolArchive
{
    private readonly NpgsqlConnection _held;
    private readonly NpgsqlDataSource _source;

    private PostgresArchive(PostgresReader reader, string path, NpgsqlDataSource source, NpgsqlConnection held)
        : base(reader, path)
        => (_source, _held) = (source, held);

    /// <param name="options">The run's.</param>
    /// <param name="folder">The run's folder, which names the run unless the options do.</param>
    /// <param name="time">Paces reconnecting.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ForgeException">The server can't be reached, or the run is not there or of another schema version.</exception>
    public static async Task<PostgresArchive> OpenAsync(PostgresOptions options, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var run = PostgresRun.Of(options, folder, time);
        var reader = new PostgresReader(run, time);
        var source = run.Connect(pooled: false);
        try
        {
            await PostgresSchema.RequireCurrentAsync(reader, run, cancellationToken);
            var held = await source.OpenConnectionAsync(cancellationToken);
            return await TokenLock.TryTakeAsync(held, run, isShared: true, time, cancellationToken)
                ? new PostgresArchive(reader, run.Place, source, held)
                : throw new ForgeException($"The {run.Place} is being pruned. Wait for that, then try again.");
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            await source.DisposeAsync();
            await reader.DisposeAsync();
            throw PostgresFaults.Translate(fault, run);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _held.DisposeAsync();
        await _source.DisposeAsync();
        await base.DisposeAsync();
    }
}
