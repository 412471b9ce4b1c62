using Forge.Core.Faults;
using Forge.DataPool.Archive;
using Forge.DataPool.Postgres;
using Forge.DataPool.Pruning;
using Forge.TestKit;

namespace Forge.DataPool.Tests.Archive;

[Trait("Tier", "integration")]
public sealed class PostgresArchiveTests(PostgresServer server) : PoolArchiveConformance(new PostgresLedger(server))
{
    [Fact]
    public async Task Run_that_is_not_there_is_named_and_not_made()
    {
        var options = new PostgresOptions { Connection = server.ConnectionString, Run = Guid.NewGuid().ToString("N") };

        for (var time = 0; time < 2; time++)
        {
            var pruned = await Assert.ThrowsAsync<ForgeException>(
                () => PostgresPruning.OpenAsync(options, "/nowhere", TimeProvider.System, TestContext.Current.CancellationToken).DefaultTimeout());
            var read = await Assert.ThrowsAsync<ForgeException>(
                () => PostgresArchive.OpenAsync(options, "/nowhere", TimeProvider.System, TestContext.Current.CancellationToken).DefaultTimeout());

            Assert.Contains($"There is no run schema 'run_{options.Run}'", pruned.Message, StringComparison.Ordinal);
            Assert.Equal(pruned.Message, read.Message);
        }
    }
}
