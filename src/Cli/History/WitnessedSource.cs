using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Checking;

namespace Forge.Cli.History;

/// <summary>Notes which steps the trainer made, and from which checkpoints it went on. The trainer tells the pool of a step once its checkpoint is durable.</summary>
internal sealed class WitnessedSource(IBatchSource inner, HistoryLog log) : IBatchSource
{
    public WindowStatus Status => inner.Status;

    public StalenessStatus Staleness => inner.Staleness;

    public Task<Group> TakeAsync(CancellationToken cancellationToken) => inner.TakeAsync(cancellationToken);

    public Task SkipAsync(GroupId group, string reason, CancellationToken cancellationToken) => inner.SkipAsync(group, reason, cancellationToken);

    public async Task AcknowledgeAsync(IReadOnlyList<GroupId> groups, PolicyVersion published, CancellationToken cancellationToken)
    {
        ImmutableArray<long> trained = [.. groups.Select(group => group.Value)];
        if (!trained.IsEmpty)
        {
            await NoteAsync(HistoryEvent.Train, published, trained);
        }

        await inner.AcknowledgeAsync(groups, published, cancellationToken);
        await NoteAsync(HistoryEvent.Acknowledge, published, trained);
    }

    public async Task RecoverAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        await inner.RecoverAsync(version, cancellationToken);
        await NoteAsync(HistoryEvent.Recover, version, []);
    }

    private Task NoteAsync(HistoryEvent kind, PolicyVersion version, ImmutableArray<long> groups)
        => log.AppendAsync(new HistoryLine { Event = kind, Version = version.Value, Groups = groups, IsAcknowledged = true });
}
