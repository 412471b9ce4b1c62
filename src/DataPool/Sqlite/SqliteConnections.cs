using Dapper;
using Forge.Core.Faults;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>Opens pool.db: checks that it is whole and ours, and sets it up for one writer beside readers.</summary>
internal static class SqliteConnections
{
    /// <exception cref="ForgeException">The file is damaged, foreign, newer than this Forge, or can't be opened.</exception>
    public static SqliteConnection OpenWriter(string path)
    {
        try
        {
            var wasClosedCleanly = !File.Exists(path + "-wal") || new FileInfo(path + "-wal").Length == 0;
            var connection = Open(path);
            connection.Execute("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;");
            if (!wasClosedCleanly)
            {
                Check(connection, path);
            }

            SqliteSchema.Apply(connection, path);
            return connection;
        }
        catch (SqliteException fault)
        {
            throw SqliteFaults.Translate(fault, path);
        }
    }

    public static SqliteConnection OpenReader(string path) => Open(path);

    /// <summary>Opens a pool that nobody works on, for reading only; neither the file nor what a crash left beside it changes.</summary>
    /// <exception cref="ForgeException">The file is damaged, foreign, or of another schema.</exception>
    public static SqliteConnection OpenRecorded(string path)
    {
        // A log that was never folded in must be read too; without one, the file is all there is, and nothing is made beside it.
        var hasLog = File.Exists(path + "-wal") && new FileInfo(path + "-wal").Length > 0;
        var source = hasLog ? path : $"file:{Uri.EscapeDataString(Path.GetFullPath(path))}?immutable=1";
        try
        {
            var connection = Open(source, SqliteOpenMode.ReadOnly);
            SqliteSchema.RequireCurrent(connection, path);
            return connection;
        }
        catch (SqliteException fault)
        {
            throw SqliteFaults.IsNoDatabase(fault)
                ? new ForgeException($"'{path}' is not a Forge pool: it is no SQLite database. Give the pool.db of a run's folder.", fault)
                : SqliteFaults.Translate(fault, path);
        }
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode = SqliteOpenMode.ReadWriteCreate)
    {
        // Without pooling, closing the last connection folds the write-ahead log into the file.
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30, Mode = mode };
        var connection = new SqliteConnection(settings.ConnectionString);
        connection.Open();
        return connection;
    }

    // Reads the whole file, so only after a crash.
    private static void Check(SqliteConnection connection, string path)
    {
        var verdict = connection.QueryFirst<string>("PRAGMA quick_check(1)");
        if (verdict != "ok")
        {
            throw new ForgeException(
                $"'{path}' is damaged ({verdict}). Restore it from a copy, or move it away and start the run anew from its last checkpoint.");
        }
    }
}
