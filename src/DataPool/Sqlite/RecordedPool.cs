using Forge.Core.Faults;
using Forge.DataPool.Archive;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>Reads the pool.db of a run that has ended, and never writes to it.</summary>
public sealed class RecordedPool : PoolArchive
{
    private readonly FileStream? _owner;

    private RecordedPool(string path, FileStream? owner, SqliteConnection connection)
        : base(new SqliteReader(connection, path), path)
        => _owner = owner;

    /// <exception cref="ForgeException">The file is absent, no Forge pool, of another schema, or a process works on it.</exception>
    public static RecordedPool Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new ForgeException($"There is no recorded pool '{path}'. Give the pool.db of a run's folder.");
        }

        var owner = Share(path);
        try
        {
            return new RecordedPool(path, owner, SqliteConnections.OpenRecorded(path));
        }
        catch
        {
            owner?.Dispose();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_owner is not null)
        {
            await _owner.DisposeAsync();
        }
    }

    // Readers share the lock that a working run holds alone; without a lock file nobody ever worked on this copy.
    private static FileStream? Share(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException fault)
        {
            throw new ForgeException($"Another process works on '{path}'. Wait for it or stop it, then replay.", fault);
        }
    }
}
