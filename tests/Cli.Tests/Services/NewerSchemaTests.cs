using Dapper;
using Forge.DataPool;
using Forge.DataPool.Stores;
using Forge.Hosting.Local;
using Forge.TestKit;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Forge.Cli.Tests.Services;

/// <summary>A pool's process of this version over a ledger that a newer one has migrated.</summary>
[Trait("Tier", "integration")]
public sealed class NewerSchemaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _run;

    public NewerSchemaTests()
    {
        _run = Directory.CreateDirectory(_folder.File("run")).FullName;
        File.WriteAllText(Path.Combine(_run, "token"), "top\n");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_newer_file_ends_the_process_with_the_reason_and_is_left_alone()
    {
        var path = Path.Combine(_run, "pool.db");
        await (await DataPoolHost.OpenStoreAsync(path, new DataPoolOptions(), TimeProvider.System, Token)).DisposeAsync();
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.ExecuteAsync("PRAGMA user_version = 99");

        var ended = await ServeAsync("sqlite");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("has schema 99; this Forge knows up to", ended.Error, StringComparison.Ordinal);
        Assert.Equal(99, await connection.ExecuteScalarAsync<long>("PRAGMA user_version"));
    }

    [Fact]
    public async Task A_newer_database_ends_the_process_with_the_reason_and_is_left_alone()
    {
        var server = new LocalPostgres(Path.Combine(_run, "postgres"), TimeProvider.System);
        await server.StartAsync(Token).ProcessTimeout();
        try
        {
            var options = new DataPoolOptions { Store = PoolStore.Postgres, Postgres = new() { Connection = server.ConnectionString() } };
            await (await DataPoolHost.OpenStoreAsync(Path.Combine(_run, "pool.db"), options, TimeProvider.System, Token)).DisposeAsync();
            await using var connection = new NpgsqlConnection(server.ConnectionString());
            await connection.ExecuteAsync("INSERT INTO run_run.schema_version (version, applied_ms) VALUES (99, 0)");

            var ended = await ServeAsync("postgres");

            Assert.Equal(1, ended.ExitCode);
            Assert.Contains("has schema version 99; this Forge knows up to", ended.Error, StringComparison.Ordinal);
            Assert.Equal(99, await connection.ExecuteScalarAsync<int>("SELECT MAX(version) FROM run_run.schema_version"));
        }
        finally
        {
            await server.StopAsync(PostgresStop.Immediate, CancellationToken.None);
        }
    }

    private Task<ForgeResult> ServeAsync(string store) => ForgeProcess.RunAsync(
        _folder.Path, "serve", "data_pool", "--run-dir", _run, "--set", $"data_pool.store={store}", "--set", "data_pool.redis.connection=\"\"");
}
