using Forge.Core.Ports;
using Forge.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.DataPool.Tests;

public sealed class DataPoolHostTests
{
    [Fact]
    public async Task One_pool_stands_behind_all_three_ports_and_closes_with_the_container()
    {
        using var folder = new TemporaryFolder();
        var services = new ServiceCollection().AddDataPool(folder.File("pool.db"), new DataPoolOptions());

        await using (var provider = services.BuildServiceProvider())
        {
            var pool = provider.GetRequiredService<DataPool>();
            Assert.Same(pool, provider.GetRequiredService<IEpisodeSink>());
            Assert.Same(pool, provider.GetRequiredService<IGroupDispatcher>());
            Assert.Same(pool, provider.GetRequiredService<IBatchSource>());
        }

        await using var again = await DataPoolHost.OpenAsync(
            folder.File("pool.db"), new DataPoolOptions(), TimeProvider.System, CancellationToken.None);
        Assert.Equal(0, again.Status.Dispatched);
    }
}
