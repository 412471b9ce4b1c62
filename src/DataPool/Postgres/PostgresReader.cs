using System.Data;
using System.Data.Common;
using Forge.DataPool.Rows;
using Npgsql;

namespace Forge.DataPool.Postgres;

/// <summary>Runs queries beside the writer, each on a connection of its own that sees one state; repeats them when the connection is lost.</summary>
internal sealed class PostgresReader(PostgresRun run, TimeProvider time) : ILedgerReader
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly NpgsqlDataSource _source = run.Connect(pooled: true);

    public async Task<T> ReadAsync<T>(Func<DbTransaction, Task<T>> query, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
                return await query(transaction);
            }
            catch (Exception fault) when (PostgresFaults.IsLost(fault) && time.GetElapsedTime(started) < run.ReconnectFor)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                throw PostgresFaults.Translate(fault, run);
            }
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
