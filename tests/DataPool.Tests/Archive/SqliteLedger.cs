using Forge.DataPool.Archive;
using Forge.DataPool.Pruning;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.TestKit;

namespace Forge.DataPool.Tests.Archive;

public sealed class SqliteLedger : IRecordedLedger
{
    private readonly TemporaryFolder _folder = new();

    private string PoolPath => _folder.File("pool.db");

    public Task<IEpisodeStore> OpenStoreAsync(TimeProvider time) => Task.FromResult<IEpisodeStore>(SqliteEpisodeStore.Open(PoolPath, time));

    public Task<PoolArchive> OpenArchiveAsync() => Task.FromResult<PoolArchive>(RecordedPool.Open(PoolPath));

    public Task<PoolPruning> OpenPruningAsync() => Task.FromResult<PoolPruning>(SqlitePruning.Open(PoolPath));

    public void Dispose() => _folder.Dispose();
}
