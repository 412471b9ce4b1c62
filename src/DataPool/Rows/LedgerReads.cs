using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Rows;

/// <summary>Reads a run's ledger, wherever it is kept: each read sees one state. Safe for concurrent calls.</summary>
public abstract class LedgerReads : IAsyncDisposable
{
    private readonly ILedgerReader _reader;

    private protected LedgerReads(ILedgerReader reader) => _reader = reader;

    private protected ILedgerReader Reader => _reader;

    /// <inheritdoc cref="IEpisodeStore.LoadAsync"/>
    public Task<PoolSnapshot> LoadAsync(CancellationToken cancellationToken) => _reader.ReadAsync(LedgerQueries.SnapshotAsync, cancellationToken);

    /// <inheritdoc cref="IEpisodeStore.ReadDeadLettersAsync"/>
    public Task<ImmutableArray<DeadLetter>> ReadDeadLettersAsync(CancellationToken cancellationToken)
        => _reader.ReadAsync(LedgerQueries.DeadLettersAsync, cancellationToken);

    /// <inheritdoc cref="IEpisodeStore.ReadGroupAsync"/>
    public Task<Group> ReadGroupAsync(GroupId group, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.GroupAsync(transaction, group), cancellationToken);

    /// <inheritdoc cref="IEpisodeStore.ReadStepAsync"/>
    public Task<ImmutableArray<GroupId>> ReadStepAsync(PolicyVersion step, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.StepAsync(transaction, step), cancellationToken);

    /// <inheritdoc cref="IEpisodeStore.ReadBatchAsync"/>
    public Task<BatchManifest?> ReadBatchAsync(PolicyVersion step, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.BatchAsync(transaction, step), cancellationToken);

    /// <inheritdoc cref="IEpisodeStore.ReadConsumptionsAsync"/>
    public Task<ImmutableArray<Consumption>> ReadConsumptionsAsync(CancellationToken cancellationToken)
        => _reader.ReadAsync(LedgerQueries.ConsumptionsAsync, cancellationToken);

    /// <inheritdoc cref="IEpisodeStore.FindMissingAsync"/>
    public Task<ImmutableArray<CompletionId>> FindMissingAsync(IReadOnlyCollection<CompletionId> completions, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.MissingAsync(transaction, completions), cancellationToken);

    /// <inheritdoc cref="IEpisodeStore.FindUnfinishedAsync"/>
    public Task<ImmutableArray<EpisodeId>> FindUnfinishedAsync(IReadOnlyCollection<EpisodeId> episodes, CancellationToken cancellationToken)
        => _reader.ReadAsync(transaction => LedgerQueries.UnfinishedAsync(transaction, episodes), cancellationToken);

    /// <inheritdoc cref="IEpisodeStore.ReadScheduleAsync"/>
    public Task<ImmutableArray<ScheduleEvent>> ReadScheduleAsync(CancellationToken cancellationToken)
        => _reader.ReadAsync(LedgerQueries.ScheduleAsync, cancellationToken);

    /// <summary>Ends the reads; a store's writer and its lock are its own to close.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _reader.DisposeAsync();
    }

    /// <summary>Those of the groups that are not consumed, in dispatch order.</summary>
    private protected async Task<ImmutableArray<StoredGroup>> InFlightAsync(HashSet<long> groups)
        => [.. (await LoadAsync(CancellationToken.None)).InFlight.Where(group => groups.Contains(group.Id.Value))];
}
