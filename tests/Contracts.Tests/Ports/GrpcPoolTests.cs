using Forge.Contracts.Clients;
using Forge.Core.Ring;
using Forge.DataPool;
using Forge.TestKit;
using Forge.TestKit.Ports;

namespace Forge.Contracts.Tests.Ports;

public sealed class GrpcPoolTests : PoolConformance
{
    private readonly TemporaryFolder _folder = new();
    private ServedOnSocket? _served;

    public override async ValueTask DisposeAsync()
    {
        await (_served?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    protected override async Task<PoolPorts> OpenAsync()
    {
        _served = await ServedOnSocket.StartAsync(
            _folder, builder => builder.Services.AddDataPool(_folder.File("pool.db"), PoolOptions.Conformance), app => app.MapDataPool());
        var source = new GrpcBatchSource(_served.Invoker, ServedOnSocket.Options, TimeProvider.System);
        await source.RecoverAsync(PolicyVersion.Initial, TestContext.Current.CancellationToken);
        return new PoolPorts(
            new GrpcEpisodeSink(_served.Invoker, ServedOnSocket.Options, TimeProvider.System),
            new GrpcGroupDispatcher(_served.Invoker, ServedOnSocket.Options, TimeProvider.System),
            source);
    }
}
