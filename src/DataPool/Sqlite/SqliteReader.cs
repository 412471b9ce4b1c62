using System.Data.Common;
using Forge.DataPool.Rows;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>Runs queries one after another on a connection of their own, beside the writer.</summary>
internal sealed class SqliteReader(SqliteConnection connection, string path) : ILedgerReader
{
    private readonly SemaphoreSlim _turn = new(1);

    public async Task<T> ReadAsync<T>(Func<DbTransaction, Task<T>> query, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // A query blocks its thread for milliseconds; the caller's may be a loop that must not wait.
            return await Task.Run(() => ReadOneStateAsync(query), cancellationToken);
        }
        catch (SqliteException fault)
        {
            throw SqliteFaults.Translate(fault, path);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        await connection.DisposeAsync();
        _turn.Dispose();
    }

    // Deferred: it takes no lock that a writer would wait for.
    private async Task<T> ReadOneStateAsync<T>(Func<DbTransaction, Task<T>> query)
    {
        await using var transaction = connection.BeginTransaction(deferred: true);
        return await query(transaction);
    }
}
