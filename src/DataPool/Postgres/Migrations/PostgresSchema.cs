using Dapper;
using Forge.Core.Faults;
using Npgsql;

namespace Forge.DataPool.Postgres.Migrations;

/// <summary>
/// Makes a run's schema and brings an older one up to date, forwards only, in one transaction that first copies its tables into a
/// schema beside it (<c>run_x_schema1</c>). The caller holds the run's lock, so nobody else writes meanwhile.
/// </summary>
internal static class PostgresSchema
{
    /// <exception cref="ForgeException">A newer Forge made the schema, or it is not Forge's.</exception>
    public static async Task ApplyAsync(
        NpgsqlConnection connection, PostgresRun run, IReadOnlyList<PostgresMigration> migrations, long now, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var version = await VersionAsync(connection, run, transaction);
        if (version > migrations.Count)
        {
            throw new ForgeException(
                $"The {run.Place} has schema version {version}; this Forge knows up to {migrations.Count}. "
                + "Work on it with the newer Forge that made it, or name another run (data_pool.postgres.run).");
        }

        if (version == 0)
        {
            await connection.ExecuteAsync(
                $"CREATE SCHEMA {run.Schema}; CREATE TABLE schema_version (version integer PRIMARY KEY, applied_ms bigint NOT NULL)", transaction: transaction);
        }
        else if (version < migrations.Count)
        {
            await BackUpAsync(connection, run, version, transaction);
        }

        for (; version < migrations.Count; version++)
        {
            await connection.ExecuteAsync(migrations[version].Sql, transaction: transaction);
            await connection.ExecuteAsync(
                "INSERT INTO schema_version (version, applied_ms) VALUES (@version, @now)", new { version = version + 1, now }, transaction);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Checks a run that is only read, or that must be there.</summary>
    /// <exception cref="ForgeException">There is no such run, or it is of another schema version.</exception>
    public static async Task RequireCurrentAsync(PostgresReader reader, PostgresRun run, CancellationToken cancellationToken)
    {
        var version = await reader.ReadAsync(
            async transaction => await transaction.Connection!.ExecuteScalarAsync<bool>(
                "SELECT to_regclass('schema_version') IS NOT NULL", transaction: transaction)
                ? await transaction.Connection!.ExecuteScalarAsync<int>("SELECT MAX(version) FROM schema_version", transaction: transaction)
                : 0,
            cancellationToken);
        if (version == 0)
        {
            throw new ForgeException($"There is no {run.Place}. Check data_pool.postgres.connection and data_pool.postgres.run of the run file.");
        }

        if (version != PostgresMigrations.All.Count)
        {
            throw new ForgeException(
                $"The {run.Place} has schema version {version}, this Forge reads {PostgresMigrations.All.Count}. "
                + "Resume the run once, which brings an older one up to date.");
        }
    }

    // 0 when the schema is not there yet.
    private static async Task<int> VersionAsync(NpgsqlConnection connection, PostgresRun run, NpgsqlTransaction transaction)
    {
        var exists = await connection.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = @schema)", new { schema = run.Schema }, transaction);
        var isOurs = await connection.ExecuteScalarAsync<bool>(
            "SELECT to_regclass(@table) IS NOT NULL", new { table = $"{run.Schema}.schema_version" }, transaction);
        if (exists && !isOurs)
        {
            throw new ForgeException($"The {run.Place} is not Forge's: it has no table schema_version. Name another run (data_pool.postgres.run).");
        }

        return isOurs ? await connection.ExecuteScalarAsync<int>("SELECT COALESCE(MAX(version), 0) FROM schema_version", transaction: transaction) : 0;
    }

    private static async Task BackUpAsync(NpgsqlConnection connection, PostgresRun run, int version, NpgsqlTransaction transaction)
    {
        var copy = $"{run.Schema}_schema{version}";
        var tables = await connection.QueryAsync<string>(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = @schema ORDER BY tablename", new { schema = run.Schema }, transaction);
        await connection.ExecuteAsync($"CREATE SCHEMA {copy}", transaction: transaction);
        foreach (var table in tables)
        {
            await connection.ExecuteAsync($"CREATE TABLE {copy}.{table} AS TABLE {run.Schema}.{table}", transaction: transaction);
        }
    }
}
