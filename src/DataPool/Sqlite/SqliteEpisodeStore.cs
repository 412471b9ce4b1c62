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
public sealed class SqliteEpisodeStore : IEpisodeStore
{
    private readonly TimeProvider _time;
    private readonly FileStream _owner;
    private readonly SqliteWriter _writer;
    private readonly SqliteReader _reader;
    private readonly long _opening;
    private int _disposed;

    private SqliteEpisodeStore(string path, TimeProvider time, bool flush, FileStream owner)
    {
        _time = time;
        _owner = owner;
        var connection = SqliteConnections.OpenWriter(path);
        _opening = SqliteStatements.Open(connection, Now);
        _writer = new SqliteWriter(connection, path, flush);
        _reader = new SqliteReader(SqliteConnections.OpenReader(path), path);
    }

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
            return new SqliteEpisodeStore(path, time, flush, owner);
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    public Task<PoolSnapshot> LoadAsync(CancellationToken cancellationToken)
        => _reader.ReadAsync(LedgerQueries.SnapshotAsync, cancellationToken);

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

    public Task<ImmutableArray<DeadLetter>> ReadDeadLettersAsync(CancellationToken cancellationToken)
        => _reader.ReadAsync(LedgerQueries.DeadLettersAsync, cancellationToken);

    public Task<Group> ReadGroupAsync(GroupId group, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.GroupAsync(transaction, group), cancellationToken);

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
        return [.. (await LoadAsync(CancellationToken.None)).InFlight.Where(group => undone.Contains(group.Id.Value))];
    }

    public void Log(ScheduleEvent recorded)
        => _ = _writer.WriteAsync(statements => SqliteStatements.Log(statements, recorded, _opening, Now));

    public Task<ImmutableArray<GroupId>> ReadStepAsync(PolicyVersion step, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.StepAsync(transaction, step), cancellationToken);

    public Task<BatchManifest?> ReadBatchAsync(PolicyVersion step, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.BatchAsync(transaction, step), cancellationToken);

    public Task<ImmutableArray<Consumption>> ReadConsumptionsAsync(CancellationToken cancellationToken)
        => _reader.ReadAsync(LedgerQueries.ConsumptionsAsync, cancellationToken);

    public Task<ImmutableArray<CompletionId>> FindMissingAsync(IReadOnlyCollection<CompletionId> completions, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.MissingAsync(transaction, completions), cancellationToken);

    public Task<ImmutableArray<EpisodeId>> FindUnfinishedAsync(IReadOnlyCollection<EpisodeId> episodes, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.UnfinishedAsync(transaction, episodes), cancellationToken);

    public Task<ImmutableArray<ScheduleEvent>> ReadScheduleAsync(CancellationToken cancellationToken)
        => _reader.ReadAsync(LedgerQueries.ScheduleAsync, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await _reader.DisposeAsync();
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
