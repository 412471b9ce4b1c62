using System.Collections.Concurrent;
using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool;

/// <summary>Remembers what each taken group was, for the manifest of the batch that it will be part of. Safe for concurrent calls.</summary>
internal sealed class TakenGroups(IEpisodeStore store)
{
    private readonly ConcurrentDictionary<GroupId, BatchEntry> _entries = new();

    public async Task<Group> ReadAsync(GroupId id, CancellationToken cancellationToken)
    {
        var group = await store.ReadGroupAsync(id, cancellationToken);
        _entries[id] = BatchEntry.Of(group);
        return group;
    }

    /// <summary>Groups that an earlier life of the pool took are read again.</summary>
    public async Task<BatchManifest> DescribeAsync(IReadOnlyList<GroupId> groups, PolicyVersion published, CancellationToken cancellationToken)
    {
        var entries = ImmutableArray.CreateBuilder<BatchEntry>(groups.Count);
        foreach (var group in groups)
        {
            entries.Add(_entries.TryGetValue(group, out var entry) ? entry : BatchEntry.Of(await store.ReadGroupAsync(group, cancellationToken)));
        }

        return new BatchManifest(published, entries.MoveToImmutable());
    }

    public void Forget(IReadOnlyList<GroupId> groups)
    {
        foreach (var group in groups)
        {
            _entries.TryRemove(group, out _);
        }
    }
}
