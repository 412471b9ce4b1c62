using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>Runs queries one after another on a connection of their own, beside the writer.</summary>
internal sealed class SqliteReader(SqliteConnection connection, string path) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public async Task<T> ReadAsync<T>(Func<SqliteConnection, T> query, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // A query blocks its thread for milliseconds; the caller's may be a loop that must not wait.
            return await Task.Run(() => query(connection), cancellationToken);
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
}
