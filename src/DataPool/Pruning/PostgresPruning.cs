using System.Data.Common;
using Dapper;
using Forge.Core.Faults;
using Forge.DataPool.Postgres;
using Forge.DataPool.Postgres.Migrations;
using Npgsql;

namespace Forge.DataPool.Pruning;

/// <summary>Prunes a run's schema in PostgreSQL; it is the run's one writer meanwhile.</summary>
public sealed class PostgresPruning : PoolPruning
{
    private readonly PostgresRun _run;
    private readonly PostgresSession _owner;
    private readonly NpgsqlDataSource _source;

    private PostgresPruning(PostgresRun run, PostgresSession owner, NpgsqlDataSource source, NpgsqlConnection connection)
        : base(connection)
        => (_run, _owner, _source) = (run, owner, source);

    /// <param name="options">The run's.</param>
    /// <param name="folder">The run's folder, which names the run unless the options do.</param>
    /// <param name="time">Paces connecting.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ForgeException">The server can't be reached, the run is not there, or somebody works on it or reads it.</exception>
    public static async Task<PostgresPruning> OpenAsync(PostgresOptions options, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var run = PostgresRun.Of(options, folder, time);
        await using (var reader = new PostgresReader(run, time))
        {
            // A session would make a run that is not there.
            await PostgresSchema.RequireCurrentAsync(reader, run, cancellationToken);
        }

        var owner = await PostgresSession.OpenAsync(run, PostgresMigrations.All, time, cancellationToken);
        var source = run.Connect(pooled: false);
        try
        {
            var connection = await source.OpenConnectionAsync(cancellationToken);
            return await TokenLock.TryTakeAsync(connection, run, isShared: false, time, cancellationToken)
                ? new PostgresPruning(run, owner, source, connection)
                : throw new ForgeException($"Somebody reads the {run.Place} (a replay, an export). Wait for it or stop it, then prune.");
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            await source.DisposeAsync();
            await owner.DisposeAsync();
            throw PostgresFaults.Translate(fault, run);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _source.DisposeAsync();
        await _owner.DisposeAsync();
    }

    private protected override Task<long> ReadSizeAsync()
        => Connection.ExecuteScalarAsync<long>(
            "SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace");

    // Plain VACUUM would keep the space for the table; nobody uses the table now, so it can be written anew.
    private protected override Task CompactAsync() => Connection.ExecuteAsync("VACUUM (FULL, ANALYZE) completions", commandTimeout: 0);

    private protected override Exception Translate(DbException fault) => PostgresFaults.Translate(fault, _run);
}
