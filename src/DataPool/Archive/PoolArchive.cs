using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.DataPool.Rows;

namespace Forge.DataPool.Archive;

/// <summary>Reads what a run keeps, wherever that is, and never writes to it.</summary>
public abstract class PoolArchive : LedgerReads
{
    private protected PoolArchive(ILedgerReader reader, string path)
        : base(reader)
        => Path = path;

    /// <summary>Where it is, for messages.</summary>
    public string Path { get; }

    /// <summary>Groups in dispatch order, a page at a time.</summary>
    /// <param name="first">The lowest dispatch index.</param>
    /// <param name="most">The page's size.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ImmutableArray<ArchivedGroup>> ListAsync(GroupId first, int most, CancellationToken cancellationToken)
        => Reader.ReadAsync(transaction => ArchiveQueries.ListAsync(transaction, first, most), cancellationToken);

    /// <summary>The last step that trained a group whose tokens were pruned; the initial version when there is none.</summary>
    public Task<PolicyVersion> ReadLastPrunedAsync(CancellationToken cancellationToken)
        => Reader.ReadAsync(ArchiveQueries.LastPrunedAsync, cancellationToken);
}
