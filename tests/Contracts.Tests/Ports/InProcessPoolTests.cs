using Forge.DataPool;
using Forge.TestKit;
using Forge.TestKit.Ports;

namespace Forge.Contracts.Tests.Ports;

public sealed class InProcessPoolTests : PoolConformance
{
    private readonly TemporaryFolder _folder = new();
    private DataPool.DataPool? _pool;

    public override async ValueTask DisposeAsync()
    {
        await (_pool?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    protected override async Task<PoolPorts> OpenAsync()
    {
        _pool = await DataPoolHost.OpenAsync(_folder.File("pool.db"), PoolOptions.Conformance, TimeProvider.System, CancellationToken.None);
        return new PoolPorts(_pool, _pool, _pool);
    }
}
