using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Postgres.Migrations;
using Forge.DataPool.Rows;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Postgres;

/// <summary>Keeps one run in a schema of a PostgreSQL database: one writer with group commit, readers beside it. Every write is flushed.</summary>
public sealed class PostgresEpisodeStore : LedgerReads, IEpisodeStore
{
    private readonly TimeProvider _time;
    private readonly PostgresWriter _writer;
    private readonly long _opening;
    private int _disposed;

    private PostgresEpisodeStore(PostgresRun run, PostgresSession session, TimeProvider time)
        : base(new PostgresReader(run, time))
    {
        _time = time;
        _opening = session.Opening;
        _writer = new PostgresWriter(session, run);
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Opens or creates a run; the database must exist.</summary>
    /// <param name="options">Where the database is.</param>
    /// <param name="run">Names the run within it.</param>
    /// <param name="time">Stamps rows and paces reconnecting.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ForgeException">The server can't be reached, another process works on the run, or a newer Forge made it.</exception>
    public static Task<PostgresEpisodeStore> OpenAsync(PostgresOptions options, string run, TimeProvider time, CancellationToken cancellationToken)
        => OpenAsync(new PostgresRun(options, run), PostgresMigrations.All, time, cancellationToken);

    public Task AddGroupAsync(StoredGroup group) => _writer.WriteAsync(statements => PostgresWrites.AddGroupAsync(statements, group, Now));

    public Task<ImmutableArray<StoredEpisode>> AddAttemptsAsync(GroupId group, IReadOnlyList<StoredEpisode> attempts)
        => _writer.WriteAsync(statements => PostgresWrites.AddAttemptsAsync(statements, group, attempts));

    public Task<Receipt> AddCompletionAsync(Completion completion) => _writer.AddAsync(completion);

    public Task<Receipt> AddResultAsync(EpisodeResult result) => _writer.AddAsync(result);

    public Task<Receipt> AddRetryAsync(EpisodeResult broken, StoredEpisode next)
        => _writer.WriteAsync(statements => PostgresWrites.AddRetryAsync(statements, broken, next));

    public Task<Receipt> GiveUpAsync(DeadLetter letter, EpisodeResult? broken)
        => _writer.WriteAsync(statements => PostgresWrites.GiveUpAsync(statements, letter, broken, Now));

    public Task ConsumeAsync(IReadOnlyList<Consumption> consumptions)
        => _writer.WriteAsync(statements => PostgresWrites.ConsumeAsync(statements, consumptions, Now));

    public Task TrainAsync(BatchManifest batch) => _writer.WriteAsync(statements => PostgresWrites.TrainAsync(statements, batch, Now));

    public async Task<ImmutableArray<StoredGroup>> PutBackAfterAsync(PolicyVersion version)
        => await InFlightAsync(await _writer.WriteAsync(statements => PostgresWrites.PutBackAfterAsync(statements, version)));

    public void Log(ScheduleEvent recorded) => _writer.Log(new LoggedEvent(recorded, _opening, Now));

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await base.DisposeAsync();
            await _writer.DisposeAsync();
        }
    }

    /// <param name="run">Where the run is.</param>
    /// <param name="migrations">The tables that this program knows; tests have programs of other versions.</param>
    /// <param name="time">Stamps rows and paces reconnecting.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static async Task<PostgresEpisodeStore> OpenAsync(
        PostgresRun run, IReadOnlyList<PostgresMigration> migrations, TimeProvider time, CancellationToken cancellationToken)
        => new(run, await PostgresSession.OpenAsync(run, migrations, time, cancellationToken), time);
}
