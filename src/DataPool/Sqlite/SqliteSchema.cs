using Dapper;
using Forge.Core.Faults;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>
/// Creates the tables of pool.db and brings an older file up to date, forwards only, with a copy of the old file beside it
/// (<c>pool.db.schema1</c>); a newer or foreign file is an error.
/// </summary>
internal static class SqliteSchema
{
    // "FRGP" as bytes: marks the file as a Forge pool (SQLite's application_id).
    private const int ApplicationId = 0x46524750;

    private static int Latest => SqliteMigrations.All.Count;

    /// <exception cref="ForgeException">The file is no Forge pool, or a newer Forge made it.</exception>
    public static void Apply(SqliteConnection connection, string path)
    {
        var tables = connection.ExecuteScalar<long>("SELECT COUNT(*) FROM sqlite_master");
        if (!IsPool(connection) && tables > 0)
        {
            throw new ForgeException($"'{path}' is an SQLite database but not a Forge pool. Choose another run directory.");
        }

        var version = Version(connection);
        if (version > Latest)
        {
            throw new ForgeException(
                $"'{path}' has schema {version}; this Forge knows up to {Latest}. "
                + "Open it with the newer Forge that made it, or choose another run directory.");
        }

        if (version is > 0 && version < Latest)
        {
            BackUp(connection, path, version);
        }

        for (; version < Latest; version++)
        {
            Migrate(connection, (int)version);
        }
    }

    /// <summary>Checks a file that is only read, so that it can't be brought up to date.</summary>
    /// <exception cref="ForgeException">The file is no Forge pool, or of another schema.</exception>
    public static void RequireCurrent(SqliteConnection connection, string path)
    {
        if (!IsPool(connection))
        {
            throw new ForgeException($"'{path}' is an SQLite database but not a Forge pool. Give the pool.db of a run's folder.");
        }

        if (Version(connection) is var version && version != Latest)
        {
            throw new ForgeException(
                $"'{path}' has schema {version}; this Forge replays schema {Latest}. "
                + (version > Latest
                    ? "Replay it with the newer Forge that made it."
                    : "Resume a copy of its run once, which brings the file up to date, then replay that."));
        }
    }

    // A whole copy beside the file, under its final name only once it is whole.
    private static void BackUp(SqliteConnection connection, string path, long version)
    {
        var copy = $"{path}.schema{version}";
        File.Delete(copy + ".new");
        connection.Execute("VACUUM INTO @copy", new { copy = copy + ".new" });
        File.Move(copy + ".new", copy, overwrite: true);
    }

    private static void Migrate(SqliteConnection connection, int version)
    {
        var (sql, convert) = SqliteMigrations.All[version];
        using var transaction = connection.BeginTransaction();
        connection.Execute($"{sql} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {version + 1};", transaction: transaction);
        convert?.Invoke(connection, transaction);
        transaction.Commit();
    }

    private static bool IsPool(SqliteConnection connection) => connection.ExecuteScalar<long>("PRAGMA application_id") == ApplicationId;

    private static long Version(SqliteConnection connection) => connection.ExecuteScalar<long>("PRAGMA user_version");
}
