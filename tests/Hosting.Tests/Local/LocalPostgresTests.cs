using System.Diagnostics;
using Forge.Hosting.Local;
using Forge.TestKit;

namespace Forge.Hosting.Tests.Local;

[Collection(nameof(AloneInTheProcess))]
[Trait("Tier", "integration")]
public sealed class LocalPostgresTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly LocalPostgres _server;

    public LocalPostgresTests() => _server = new LocalPostgres(_folder.File("postgres"), TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(PostgresStop.Kill, CancellationToken.None).DefaultTimeout();
        _folder.Dispose();
    }

    [Fact]
    public async Task StartAsync_makes_a_server_that_flushes_every_commit()
    {
        await _server.StartAsync(Cancel).DefaultTimeout();
        var first = _server.ProcessId;
        await _server.StartAsync(Cancel).DefaultTimeout();

        Assert.NotNull(first);
        Assert.Equal(first, _server.ProcessId);
        Assert.Equal("on", await QueryAsync("SHOW fsync"));
        Assert.Equal("on", await QueryAsync("SHOW synchronous_commit"));
    }

    [Theory]
    [InlineData(PostgresStop.Fast)]
    [InlineData(PostgresStop.Immediate)]
    [InlineData(PostgresStop.Kill)]
    public async Task StopAsync_ends_the_server_and_another_one_finds_its_data(PostgresStop how)
    {
        await _server.StartAsync(Cancel).DefaultTimeout();
        await QueryAsync("CREATE TABLE kept AS SELECT 17 AS number");

        await _server.StopAsync(how, Cancel).DefaultTimeout();
        var stopped = _server.ProcessId;
        await new LocalPostgres(_server.Folder, TimeProvider.System).StartAsync(Cancel).DefaultTimeout();

        Assert.Null(stopped);
        Assert.Equal("17", await QueryAsync("SELECT number FROM kept"));
    }

    [Fact]
    public async Task StartAsync_serves_from_a_folder_whose_path_is_too_long_for_a_socket()
    {
        var server = new LocalPostgres(_folder.File(new string('x', 120)), TimeProvider.System);

        await server.StartAsync(Cancel).DefaultTimeout();
        var process = server.ProcessId;
        await server.StopAsync(PostgresStop.Fast, Cancel).DefaultTimeout();

        Assert.NotNull(process);
    }

    private async Task<string> QueryAsync(string sql)
    {
        var target = _server.ConnectionString().Split(';').Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1]);
        using var psql = Process.Start(new ProcessStartInfo("psql", ["-h", target["Host"], "-U", target["Username"], "-d", target["Database"], "-tAc", sql])
        {
            RedirectStandardOutput = true,
        })!;
        var answer = await psql.StandardOutput.ReadToEndAsync(Cancel).DefaultTimeout();
        await psql.WaitForExitAsync(Cancel).DefaultTimeout();
        return answer.Trim();
    }
}
