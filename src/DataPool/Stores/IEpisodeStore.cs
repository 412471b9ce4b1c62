using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;

namespace Forge.DataPool.Stores;

/// <summary>
/// Keeps one run's groups, episodes, completions, batches and consumption log. Every awaited write survives a crash of every process;
/// those of the consumption log (<see cref="ConsumeAsync"/>, <see cref="TrainAsync"/>, <see cref="GiveUpAsync"/>,
/// <see cref="PutBackAfterAsync"/>) survive a crash of the machine too, with all that was written before; a store may flush every write.
/// Writes take effect in the order in which they were called. Safe for concurrent calls; one process at a time works on a run.
/// </summary>
public interface IEpisodeStore : IAsyncDisposable
{
    /// <summary>What a pool must know to go on: groups not consumed yet, in dispatch order, and the newest acknowledged version.</summary>
    Task<PoolSnapshot> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Keeps a new group and the first attempt of its episodes, with their lease.</summary>
    Task AddGroupAsync(StoredGroup group);

    /// <summary>
    /// Gives unfinished places of a group to a lease: an attempt that is there gets the lease, a new one replaces the place's earlier
    /// attempt. Returns those that took effect: a place whose result came first is left as it is.
    /// </summary>
    Task<ImmutableArray<StoredEpisode>> AddAttemptsAsync(GroupId group, IReadOnlyList<StoredEpisode> attempts);

    /// <summary>Keeps a completion, unless its attempt was replaced or has ended, or its group was consumed.</summary>
    /// <exception cref="Core.Faults.ForgeException">The episode is unknown, or another completion has its id or its turn.</exception>
    Task<Receipt> AddCompletionAsync(Completion completion);

    /// <summary>Keeps an episode's end and rewards, unless its attempt was replaced or its group consumed; the group is finished with the last of its episodes.</summary>
    /// <exception cref="Core.Faults.ForgeException">The episode is unknown, ended otherwise before, or its rewards do not match its completions.</exception>
    Task<Receipt> AddResultAsync(EpisodeResult result);

    /// <summary>Keeps a broken episode's end, and puts <paramref name="next"/>, not given out yet, in its place; all of it or nothing.</summary>
    Task<Receipt> AddRetryAsync(EpisodeResult broken, StoredEpisode next);

    /// <summary>
    /// Writes the dead letter, the consumption line and the broken end that caused them (null for a lost lease); all of it or nothing.
    /// A group that was consumed before stays as it is.
    /// </summary>
    Task<Receipt> GiveUpAsync(DeadLetter letter, EpisodeResult? broken);

    /// <summary>The dead-letter table, oldest first.</summary>
    Task<ImmutableArray<DeadLetter>> ReadDeadLettersAsync(CancellationToken cancellationToken);

    /// <summary>Reads a finished group with everything in it.</summary>
    Task<Group> ReadGroupAsync(GroupId group, CancellationToken cancellationToken);

    /// <summary>Writes the consumption log, all of it or nothing.</summary>
    /// <exception cref="Core.Faults.ForgeException">A group was consumed before.</exception>
    Task ConsumeAsync(IReadOnlyList<Consumption> consumptions);

    /// <summary>Writes one step's batch and its groups' lines of the consumption log, all of it or nothing.</summary>
    /// <exception cref="Core.Faults.ForgeException">A group was consumed before, or the step was.</exception>
    Task TrainAsync(BatchManifest batch);

    /// <summary>
    /// Undoes what steps after <paramref name="version"/> trained or skipped (not what failed), and returns these groups in
    /// dispatch order. The log keeps the undone rows, marked.
    /// </summary>
    Task<ImmutableArray<StoredGroup>> PutBackAfterAsync(PolicyVersion version);

    /// <summary>Appends to the schedule's record without waiting for the disk; a later awaited write makes it durable.</summary>
    void Log(ScheduleEvent recorded);

    /// <summary>The groups that a step trained, in their order; empty when it was never acknowledged, or undone.</summary>
    Task<ImmutableArray<GroupId>> ReadStepAsync(PolicyVersion step, CancellationToken cancellationToken);

    /// <summary>The batch of a step; null when it was never acknowledged, or undone.</summary>
    Task<BatchManifest?> ReadBatchAsync(PolicyVersion step, CancellationToken cancellationToken);

    /// <summary>The consumption log in order, undone rows left out.</summary>
    Task<ImmutableArray<Consumption>> ReadConsumptionsAsync(CancellationToken cancellationToken);

    /// <summary>Those of the completions that are not in the store, whatever became of their episodes; for checking what was acknowledged.</summary>
    Task<ImmutableArray<CompletionId>> FindMissingAsync(IReadOnlyCollection<CompletionId> completions, CancellationToken cancellationToken);

    /// <summary>Those of the episodes that have no result in the store; for checking what was acknowledged.</summary>
    Task<ImmutableArray<EpisodeId>> FindUnfinishedAsync(IReadOnlyCollection<EpisodeId> episodes, CancellationToken cancellationToken);

    /// <summary>The schedule's record in order, for <see cref="ScheduleReplay"/>.</summary>
    Task<ImmutableArray<ScheduleEvent>> ReadScheduleAsync(CancellationToken cancellationToken);
}
