using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Archive;

/// <summary>Reads what a run keeps, wherever that is, and never writes to it.</summary>
public interface IPoolArchive : IAsyncDisposable
{
    /// <summary>Where it is, for messages.</summary>
    string Path { get; }

    Task<Group> ReadGroupAsync(GroupId group, CancellationToken cancellationToken);

    /// <summary>The batch of a step; null when it was never acknowledged, or undone.</summary>
    Task<BatchManifest?> ReadBatchAsync(PolicyVersion step, CancellationToken cancellationToken);

    /// <summary>Groups in dispatch order, a page at a time.</summary>
    /// <param name="first">The lowest dispatch index.</param>
    /// <param name="most">The page's size.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ImmutableArray<ArchivedGroup>> ListAsync(GroupId first, int most, CancellationToken cancellationToken);
}
