using Forge.DataPool.Archive;
using Forge.DataPool.Pruning;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Tests.Archive;

/// <summary>One run's ledger that is opened again and again, to be written, read and pruned.</summary>
public interface IRecordedLedger : IDisposable
{
    Task<IEpisodeStore> OpenStoreAsync(TimeProvider time);

    Task<PoolArchive> OpenArchiveAsync();

    Task<PoolPruning> OpenPruningAsync();
}
