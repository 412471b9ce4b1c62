using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Rows;
using Forge.DataPool.Stores;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>Keeps one run in one SQLite file, <c>pool.db</c>: one writer with group commit, one reader beside it.</summary>
public sealed class SqliteEpisodeStore : LedgerReads, IEpisodeStore
{
    private readonly TimeProvider _time;
    private readonly FileStream _owner;
    private readonly SqliteWriter _writer;
    private readonly long _opening;
    private int _disposed;

    private SqliteEpisodeStore(SqliteReader reader, SqliteWriter writer, long opening, TimeProvider time, FileStream owner)
        : base(reader)
        => (_writer, _opening, _time, _owner) = (writer, opening, time, owner);

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Opens or creates the file; its folder must exist.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">Stamps rows.</param>
    /// <param name="flush">Whether every write is flushed to the disk before it is acknowledged, not the consumption log alone.</param>
    /// <exception cref="ForgeException">The file is damaged, foreign, newer than this Forge, in use, or can't be opened.</exception>
    public static SqliteEpisodeStore Open(string path, TimeProvider time, bool flush = false)
    {
        var owner = Own(path);
        try
        {
            // The writer first: it makes the file and brings it up to date.
            var connection = SqliteConnections.OpenWriter(path);
            var opening = SqliteStatements.Open(connection, time.GetUtcNow().ToUnixTimeMilliseconds());
            var reader = new SqliteReader(SqliteConnections.OpenReader(path), path);
            return new SqliteEpisodeStore(reader, new SqliteWriter(connection, path, flush), opening, time, owner);
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    public Task AddGroupAsync(StoredGroup group)
        => _writer.WriteAsync(statements => SqliteStatements.AddGroup(statements, group, Now));

    public Task<ImmutableArray<StoredEpisode>> AddAttemptsAsync(GroupId group, IReadOnlyList<StoredEpisode> attempts)
        => WriteAsync(statements => SqliteStatements.AddAttempts(statements, group, attempts));

    public Task<Receipt> AddCompletionAsync(Completion completion)
        => WriteAsync(statements => Guard(
            () => SqliteStatements.AddCompletion(statements, completion),
            () => StoreFaults.OtherCompletion(completion)));

    public Task<Receipt> AddResultAsync(EpisodeResult result)
        => WriteAsync(statements => SqliteStatements.AddResult(statements, result));

    public Task<Receipt> AddRetryAsync(EpisodeResult broken, StoredEpisode next)
        => WriteAsync(statements => SqliteStatements.AddRetry(statements, broken, next));

    public Task<Receipt> GiveUpAsync(DeadLetter letter, EpisodeResult? broken)
        => WriteAsync(statements => SqliteStatements.GiveUp(statements, letter, broken, Now), flush: true);

    public Task ConsumeAsync(IReadOnlyList<Consumption> consumptions)
        => WriteAsync(statements => Consume(statements, consumptions), flush: true);

    public Task TrainAsync(BatchManifest batch)
        => WriteAsync(
            statements => Consume(statements, [.. batch.Consumptions]) && Guard(
                () =>
                {
                    SqliteStatements.AddBatch(statements, batch, Now);
                    return true;
                },
                () => StoreFaults.TrainedBefore(batch.Step)),
            flush: true);

    public async Task<ImmutableArray<StoredGroup>> PutBackAfterAsync(PolicyVersion version)
    {
        HashSet<long> undone = [];
        await _writer.WriteAsync(statements => undone = SqliteStatements.PutBackAfter(statements, version), flush: true);
        return await InFlightAsync(undone);
    }

    public void Log(ScheduleEvent recorded)
        => _ = _writer.WriteAsync(statements => SqliteStatements.Log(statements, recorded, _opening, Now));

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await base.DisposeAsync();
        await _writer.DisposeAsync();
        await _owner.DisposeAsync();
    }

    // The system frees the lock when the process ends, however it ends.
    internal static FileStream Own(string path)
    {
        var lockPath = path + ".lock";
        try
        {
            return new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (DirectoryNotFoundException fault)
        {
            throw new ForgeException($"The folder of '{path}' does not exist. Create it first.", fault);
        }
        catch (IOException fault)
        {
            throw new ForgeException($"Another process works on '{path}'. Stop it, or choose another run directory.", fault);
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new ForgeException($"'{lockPath}' can't be written. Make the run directory writable.", fault);
        }
    }

    private async Task<T> WriteAsync<T>(Func<PreparedStatements, T> apply, bool flush = false)
    {
        T? answer = default;
        await _writer.WriteAsync(statements => answer = apply(statements), flush);
        return answer!;
    }

    private bool Consume(PreparedStatements statements, IReadOnlyList<Consumption> consumptions)
        => consumptions.All(consumption => Guard(
            () =>
            {
                SqliteStatements.Consume(statements, consumption, Now);
                return true;
            },
            () => StoreFaults.ConsumedBefore(consumption)));

    private static T Guard<T>(Func<T> write, Func<ForgeException> refusal)
    {
        try
        {
            return write();
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode == SqliteFaults.Constraint)
        {
            throw refusal();
        }
    }
}
