using System.Data;
using Dapper;
using Forge.Core.Faults;
using Forge.DataPool.Postgres.Migrations;
using Npgsql;

namespace Forge.DataPool.Postgres;

/// <summary>
/// The one session that writes a run. It holds the run's advisory lock for as long as it lives, so that whatever it commits, nobody else
/// was writing; and it counts its commits in the database, so that after a lost connection it knows whether the last one took effect.
/// </summary>
/// <remarks>Used by one loop: not safe for concurrent calls.</remarks>
internal sealed class PostgresSession : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LockFor = TimeSpan.FromSeconds(3);

    private readonly PostgresRun _run;
    private readonly TimeProvider _time;
    private readonly NpgsqlDataSource _source;
    private NpgsqlConnection? _connection;
    private long _commits;

    private PostgresSession(PostgresRun run, TimeProvider time)
    {
        _run = run;
        _time = time;
        _source = run.Connect(pooled: false);
    }

    /// <summary>The row of <c>openings</c> that stands for this process.</summary>
    public long Opening { get; private set; }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Connects, takes the run's lock, brings the schema up to date.</summary>
    /// <exception cref="ForgeException">Another process works on the run, or the schema is newer or foreign.</exception>
    public static async Task<PostgresSession> OpenAsync(
        PostgresRun run, IReadOnlyList<PostgresMigration> migrations, TimeProvider time, CancellationToken cancellationToken)
    {
        var session = new PostgresSession(run, time);
        try
        {
            var connection = await session.ConnectAsync(cancellationToken);
            await PostgresSchema.ApplyAsync(connection, run, migrations, session.Now, cancellationToken);
            session.Opening = await connection.ExecuteScalarAsync<long>(
                "INSERT INTO openings (process, created_ms) VALUES (@process, @now) RETURNING id",
                new { process = Environment.ProcessId, now = session.Now });
            return session;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            await session.DisposeAsync();
            throw PostgresFaults.Translate(fault, run);
        }
    }

    /// <summary>
    /// Runs one transaction and commits it. When the connection is lost it is sought again, and the transaction is run again unless it is
    /// found committed: it takes effect exactly once, or this fails as transient after the time to reconnect.
    /// </summary>
    /// <exception cref="ForgeException">Another process has taken the run over; nothing is written any more.</exception>
    public Task CommitAsync(Func<PostgresStatements, Task> apply) => CommitAsync(async (connection, count) =>
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await apply(new PostgresStatements(connection));
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { count } };
        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    });

    /// <summary>The same for a transaction of one round trip. Returns false when it was found committed after a lost connection: its results are lost.</summary>
    /// <param name="send">Sends a batch, which the server takes as one transaction.</param>
    public Task<bool> CommitAtOnceAsync(Func<NpgsqlBatch, Task> send) => CommitAsync(
        (connection, count) => send(new NpgsqlBatch(connection) { BatchCommands = { count } }));

    /// <summary>Reads on the writer's connection; repeated when it is lost.</summary>
    public Task<T> AskAsync<T>(Func<PostgresStatements, Task<T>> ask) => RepeatAsync(connection => ask(new PostgresStatements(connection)));

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        await _source.DisposeAsync();
    }

    private async Task<bool> CommitAsync(Func<NpgsqlConnection, NpgsqlBatchCommand, Task> send)
    {
        long? number = null;
        return await RepeatAsync(async connection =>
        {
            if (_commits == number)
            {
                return false;
            }

            number = _commits + 1;
            var count = new NpgsqlBatchCommand("UPDATE openings SET commits = $1 WHERE id = $2");
            count.Parameters.Add(PostgresStatements.Parameter(number.Value));
            count.Parameters.Add(PostgresStatements.Parameter(Opening));
            await send(connection, count);
            _commits++;
            return true;
        });
    }

    private async Task<T> RepeatAsync<T>(Func<NpgsqlConnection, Task<T>> attempt)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            try
            {
                return await attempt(await ConnectAsync(CancellationToken.None));
            }
            catch (Exception fault) when (PostgresFaults.IsLost(fault))
            {
                await DisconnectAsync();
                if (_time.GetElapsedTime(started) >= _run.ReconnectFor)
                {
                    throw PostgresFaults.Translate(fault, _run);
                }

                await Task.Delay(Pause, _time);
            }
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is { State: ConnectionState.Open } open)
        {
            return open;
        }

        // A fault that was no lost connection may have broken it all the same, as a full disk does to a rollback.
        await DisconnectAsync();

        var connection = await _source.OpenConnectionAsync(cancellationToken);
        try
        {
            await LockAsync(connection, cancellationToken);
            if (Opening > 0)
            {
                await FindAgainAsync(connection);
            }

            return _connection = connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    // The server needs a moment to notice that a process which held the lock was killed.
    private async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (!await connection.ExecuteScalarAsync<bool>(
            "SELECT pg_try_advisory_lock(hashtextextended(@name, 0))", new { name = "forge " + _run.Schema }))
        {
            if (_time.GetElapsedTime(started) > LockFor)
            {
                throw new ForgeException($"Another process works on the {_run.Place}. Stop it, or name another run (data_pool.postgres.run).");
            }

            await Task.Delay(Pause, _time, cancellationToken);
        }
    }

    private async Task FindAgainAsync(NpgsqlConnection connection)
    {
        var (id, commits) = await connection.QuerySingleAsync<(long, long)>("SELECT id, commits FROM openings ORDER BY id DESC LIMIT 1");
        if (id != Opening)
        {
            throw new ForgeException($"Another process has taken over the {_run.Place} while this one had no connection. Stop this one.");
        }

        _commits = commits;
    }

    private async Task DisconnectAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}
