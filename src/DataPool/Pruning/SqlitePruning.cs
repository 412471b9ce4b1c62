using System.Data.Common;
using Dapper;
using Forge.Core.Faults;
using Forge.DataPool.Sqlite;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Pruning;

/// <summary>Prunes a pool.db, which it owns meanwhile.</summary>
public sealed class SqlitePruning : PoolPruning
{
    private readonly string _path;
    private readonly FileStream _owner;

    private SqlitePruning(string path, FileStream owner, SqliteConnection connection)
        : base(connection)
        => (_path, _owner) = (path, owner);

    /// <param name="path">The pool.db of a run that no process works on.</param>
    /// <exception cref="ForgeException">The file is no pool, or a process works on it or reads it.</exception>
    public static SqlitePruning Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new ForgeException($"There is no pool '{path}'. Give the folder of a run that has one.");
        }

        var owner = SqliteEpisodeStore.Own(path);
        try
        {
            return new SqlitePruning(path, owner, SqliteConnections.OpenWriter(path));
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _owner.DisposeAsync();
    }

    private protected override Task<long> ReadSizeAsync()
        => Connection.ExecuteScalarAsync<long>("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");

    private protected override Task CompactAsync() => Connection.ExecuteAsync("VACUUM", commandTimeout: 0);

    private protected override Exception Translate(DbException fault)
        => fault is SqliteException sqlite ? SqliteFaults.Translate(sqlite, _path) : fault;
}
