using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.DataPool.Archive;
using Forge.DataPool.Rows;
using Forge.DataPool.Stores;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>Reads the pool.db of a run that has ended, and never writes to it.</summary>
public sealed class RecordedPool : IPoolArchive
{
    private readonly FileStream? _owner;
    private readonly SqliteReader _reader;

    private RecordedPool(string path, FileStream? owner, SqliteConnection connection)
        => (Path, _owner, _reader) = (path, owner, new SqliteReader(connection, path));

    public string Path { get; }

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

    public Task<ImmutableArray<Consumption>> ReadConsumptionsAsync(CancellationToken cancellationToken)
        => _reader.ReadAsync(LedgerQueries.ConsumptionsAsync, cancellationToken);

    public Task<Group> ReadGroupAsync(GroupId group, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.GroupAsync(transaction, group), cancellationToken);

    /// <summary>The batch of a step; null when it was never acknowledged, or undone.</summary>
    public Task<BatchManifest?> ReadBatchAsync(PolicyVersion step, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.BatchAsync(transaction, step), cancellationToken);

    public Task<ImmutableArray<DeadLetter>> ReadDeadLettersAsync(CancellationToken cancellationToken)
        => _reader.ReadAsync(LedgerQueries.DeadLettersAsync, cancellationToken);

    /// <summary>Groups in dispatch order, a page at a time.</summary>
    /// <param name="first">The lowest dispatch index.</param>
    /// <param name="most">The page's size.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ImmutableArray<ArchivedGroup>> ListAsync(GroupId first, int most, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => ArchiveQueries.ListAsync(transaction, first, most), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
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
