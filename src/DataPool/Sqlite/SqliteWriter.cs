using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>
/// Applies writes in the order of their calls, as many per transaction as have queued up: one commit is the price of a thousand
/// completions when thousands are in flight, and of one when one is. A caller is answered when its write is committed.
/// </summary>
/// <remarks>
/// WAL with synchronous = NORMAL: a commit survives a killed process without a flush to the disk per commit. A power cut could
/// lose the last commits (never tear one), which costs episodes that are sampled again; so only the writes that must not be
/// undone, the consumption log, ask for a flush (synchronous = FULL for that commit), which makes all earlier ones durable too.
/// </remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MostPerCommit = 1024;

    private readonly Channel<Write> _queue = Channel.CreateUnbounded<Write>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SqliteConnection _connection;
    private readonly PreparedStatements _statements;
    private readonly string _path;
    private readonly bool _flushAll;
    private readonly Task _loop;

    public SqliteWriter(SqliteConnection connection, string path, bool flushAll)
    {
        _connection = connection;
        _path = path;
        _flushAll = flushAll;
        _statements = new PreparedStatements(connection);
        _loop = Task.Run(RunAsync);
    }

    /// <param name="apply">Runs inside a transaction; may run twice when another write of the same commit fails.</param>
    /// <param name="flush">Whether the commit must survive a power cut.</param>
    public Task WriteAsync(Action<PreparedStatements> apply, bool flush = false)
    {
        var write = new Write(apply, flush, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        ObjectDisposedException.ThrowIf(!_queue.Writer.TryWrite(write), this);
        return write.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        _statements.Dispose();
        await _connection.DisposeAsync();
    }

    private async Task RunAsync()
    {
        var batch = new List<Write>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MostPerCommit && _queue.Reader.TryRead(out var write))
            {
                batch.Add(write);
            }

            Commit(batch);
        }
    }

    // One write's fault must not fail its neighbours: after a fault each half gets a transaction of its own, down to the culprit.
    private void Commit(List<Write> batch)
    {
        var fault = TryCommit(batch);
        if (fault is not null && batch.Count > 1)
        {
            Commit(batch[..(batch.Count / 2)]);
            Commit(batch[(batch.Count / 2)..]);
            return;
        }

        foreach (var write in batch)
        {
            if (fault is null)
            {
                write.Done.SetResult();
            }
            else
            {
                write.Done.SetException(fault is SqliteException sqlite ? SqliteFaults.Translate(sqlite, _path) : fault);
            }
        }
    }

    private Exception? TryCommit(List<Write> batch)
    {
        try
        {
            _statements.Execute(_flushAll || batch.Exists(write => write.Flush) ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _statements.Execute("BEGIN IMMEDIATE");
            batch.ForEach(write => write.Apply(_statements));
            _statements.Execute("COMMIT");
            return null;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            RollBack();
            return fault;
        }
    }

    private void RollBack()
    {
        try
        {
            _statements.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // Some faults (a full disk, for one) have rolled back already; the fault itself is what the callers get.
        }
    }

    private sealed record Write(Action<PreparedStatements> Apply, bool Flush, TaskCompletionSource Done);
}
