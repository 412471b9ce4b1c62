using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>The data pool, as the trainer sees it: finished groups in windowed FIFO order.</summary>
public interface IBatchSource
{
    /// <summary>
    /// Takes the next group that the window allows, waiting for one. A group that is not to be trained (no variance, failed)
    /// is acknowledged with <see cref="SkipAsync"/> and refilled by taking another.
    /// </summary>
    Task<Group> TakeAsync(CancellationToken cancellationToken);

    /// <summary>Marks a taken group as consumed without training, with the reason; its slot in flight is free again.</summary>
    Task SkipAsync(GroupId group, string reason, CancellationToken cancellationToken);

    /// <summary>
    /// Marks the groups of one optimizer step as trained, in one transaction, with the version that the step published. Acknowledging a
    /// step again changes nothing. After a restart, the step that the checkpoint holds is acknowledged first: the crash may have come
    /// between the two; its groups need not be taken again.
    /// </summary>
    Task AcknowledgeAsync(IReadOnlyList<GroupId> groups, PolicyVersion published, CancellationToken cancellationToken);

    /// <summary>
    /// After a restart: forgets what was consumed by steps after <paramref name="version"/> (a step whose checkpoint was lost), so that
    /// those groups are offered again, and makes every unacknowledged group available again.
    /// </summary>
    Task RecoverAsync(PolicyVersion version, CancellationToken cancellationToken);

    /// <summary>The window's figures right now (docs/windowed-fifo.md).</summary>
    WindowStatus Status { get; }

    /// <summary>How far training lags behind sampling right now, in policy versions.</summary>
    StalenessStatus Staleness { get; }
}
