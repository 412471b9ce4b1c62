using Forge.DataPool.Archive;
using Forge.DataPool.Postgres;
using Forge.DataPool.Pruning;
using Forge.DataPool.Stores;
using Forge.TestKit;

namespace Forge.DataPool.Tests.Archive;

public sealed class PostgresLedger(PostgresServer server) : IRecordedLedger
{
    private readonly string _run = Guid.NewGuid().ToString("N");

    private PostgresOptions Options => new() { Connection = server.ConnectionString, Run = _run };

    public async Task<IEpisodeStore> OpenStoreAsync(TimeProvider time)
        => await PostgresEpisodeStore.OpenAsync(Options, _run, time, CancellationToken.None).DefaultTimeout();

    public async Task<PoolArchive> OpenArchiveAsync()
        => await PostgresArchive.OpenAsync(Options, "/nowhere", TimeProvider.System, CancellationToken.None).DefaultTimeout();

    public async Task<PoolPruning> OpenPruningAsync()
        => await PostgresPruning.OpenAsync(Options, "/nowhere", TimeProvider.System, CancellationToken.None).DefaultTimeout();

    public void Dispose()
    {
    }
}
