using System.Text.Json;
using Forge.DataPool;
using Forge.DataPool.Postgres;
using Forge.DataPool.Stores;
using Forge.Hosting.Local;
using Forge.TestKit;

namespace Forge.Cli.Tests.Data;

[Trait("Tier", "integration")]
public sealed class PostgresDataVerbTests(PostgresServer server) : DataVerbConformance
{
    protected override DataPoolOptions Pool { get; } = new()
    {
        InFlight = 9,
        Window = 9,
        GroupsPerBatch = 1,
        Store = PoolStore.Postgres,
        Postgres = new PostgresOptions { Connection = server.ConnectionString, Run = Guid.NewGuid().ToString("N") },
    };

    [Fact]
    public async Task Stopped_run_in_its_own_database_is_read_and_its_server_stopped_again()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder.File("run.yaml"), "run:\n  name: kept\ndata_pool:\n  store: postgres\n  postgres:\n    connection: local\n", TestContext.Current.CancellationToken);
        var server = new LocalPostgres(folder.File("postgres"), TimeProvider.System);
        await server.StartAsync(TestContext.Current.CancellationToken);
        await FillAsync(folder, new DataPoolOptions
        {
            InFlight = 9,
            Window = 9,
            GroupsPerBatch = 1,
            Store = PoolStore.Postgres,
            Postgres = new PostgresOptions { Connection = PostgresOptions.Local },
        });
        await server.StopAsync(PostgresStop.Fast, TestContext.Current.CancellationToken);

        var list = await ForgeProcess.RunAsync(folder.Path, "data", "list", "--json", "--run-dir", folder.Path);
        var batch = await ForgeProcess.RunAsync(folder.Path, "data", "batch", "2", "--json", "--run-dir", folder.Path);
        var prune = await ForgeProcess.RunAsync(folder.Path, "data", "prune", "--dry-run", "--json", "--run-dir", folder.Path);

        Assert.True(list.ExitCode == 0, list.Error);
        Assert.True(prune.ExitCode == 0, prune.Error);
        Assert.Contains("there is no checkpoint", prune.Output, StringComparison.Ordinal);
        Assert.Equal(4, JsonDocument.Parse(list.Output).RootElement.GetArrayLength());
        Assert.True(JsonDocument.Parse(batch.Output).RootElement.GetProperty("equal").GetBoolean());
        Assert.Null(server.ProcessId);
    }
}
