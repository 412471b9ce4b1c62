using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.Core.Scheduling;

namespace Forge.DataPool.Stores;

/// <summary>
/// Keeps one run's groups, episodes, completions and consumption log. Every awaited write survives a crash of the process;
/// <see cref="ConsumeAsync"/> and <see cref="PutBackAfterAsync"/> survive a crash of the machine too, with all that was written before.
/// Writes take effect in the order in which they were called. Safe for concurrent calls.
/// </summary>
public interface IEpisodeStore : IAsyncDisposable
{
    /// <summary>What a pool must know to go on: groups not consumed yet, in dispatch order, and the newest acknowledged version.</summary>
    Task<PoolSnapshot> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Keeps a new group and the first attempt of its episodes.</summary>
    Task AddGroupAsync(StoredGroup group);

    /// <summary>Keeps new attempts of a group's episodes; earlier attempts at the same places no longer count.</summary>
    Task AddAttemptsAsync(GroupId group, IReadOnlyList<StoredEpisode> attempts);

    /// <exception cref="Core.Faults.ForgeException">The episode is unknown, or the completion is already there.</exception>
    Task AddCompletionAsync(Completion completion);

    /// <summary>Keeps an episode's end and rewards; the group is finished with the last of its episodes.</summary>
    /// <exception cref="Core.Faults.ForgeException">The episode is unknown or ended before, or its rewards do not match its completions.</exception>
    Task AddResultAsync(EpisodeResult result);

    /// <summary>Reads a finished group with everything in it.</summary>
    Task<Group> ReadGroupAsync(GroupId group, CancellationToken cancellationToken);

    /// <summary>Writes the consumption log, all of it or nothing.</summary>
    /// <exception cref="Core.Faults.ForgeException">A group was consumed before.</exception>
    Task ConsumeAsync(IReadOnlyList<Consumption> consumptions);

    /// <summary>
    /// Undoes what steps after <paramref name="version"/> trained or skipped (not what failed), and returns these groups in
    /// dispatch order. The log keeps the undone rows, marked.
    /// </summary>
    Task<ImmutableArray<StoredGroup>> PutBackAfterAsync(PolicyVersion version);

    /// <summary>Appends to the schedule's record without waiting for the disk; a later awaited write makes it durable.</summary>
    void Log(ScheduleEvent recorded);

    /// <summary>The groups that a step trained, in their order; empty when it was never acknowledged, or undone.</summary>
    Task<ImmutableArray<GroupId>> ReadStepAsync(PolicyVersion step, CancellationToken cancellationToken);

    /// <summary>The consumption log in order, undone rows left out.</summary>
    Task<ImmutableArray<Consumption>> ReadConsumptionsAsync(CancellationToken cancellationToken);

    /// <summary>The schedule's record in order, for <see cref="ScheduleReplay"/>.</summary>
    Task<ImmutableArray<ScheduleEvent>> ReadScheduleAsync(CancellationToken cancellationToken);
}
