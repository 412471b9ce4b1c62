using System.Diagnostics;
using Forge.Hosting.Local;
using Forge.TestKit;

namespace Forge.Hosting.Tests.Local;

[Collection(nameof(AloneInTheProcess))]
[Trait("Tier", "integration")]
public sealed class LocalRedisTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly LocalRedis _server;

    public LocalRedisTests() => _server = new LocalRedis(_folder.File("redis"), TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Port => _server.ConnectionString.Split(',', ':')[1];

    private string Password => _server.ConnectionString.Split("password=")[1];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None).DefaultTimeout();
        _folder.Dispose();
    }

    [Fact]
    public async Task StartAsync_makes_a_server_that_only_its_password_opens()
    {
        await _server.StartAsync(Cancel).DefaultTimeout();

        Assert.Equal("PONG", await AskAsync("-a", Password, "ping"));
        Assert.Contains("NOAUTH", await AskAsync("ping"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StopAsync_ends_the_server_and_a_new_one_begins_empty_at_the_same_address()
    {
        await _server.StartAsync(Cancel).DefaultTimeout();
        var address = _server.ConnectionString;
        await AskAsync("-a", Password, "set", "key", "value");

        await _server.StopAsync(Cancel).DefaultTimeout();
        var stopped = _server.ProcessId;
        await _server.StartAsync(Cancel).DefaultTimeout();

        Assert.Null(stopped);
        Assert.Equal(address, _server.ConnectionString);
        Assert.Equal("", await AskAsync("-a", Password, "get", "key"));
    }

    [Fact]
    public async Task StartAsync_moves_when_another_program_took_its_port()
    {
        await _server.StartAsync(Cancel).DefaultTimeout();
        Directory.CreateDirectory(_folder.File("second"));
        await File.WriteAllTextAsync(_folder.File("second/redis.conf"), $"port {Port}\nrequirepass other\n", Cancel);
        var second = new LocalRedis(_folder.File("second"), TimeProvider.System);

        await second.StartAsync(Cancel).DefaultTimeout();
        var process = second.ProcessId;
        await second.StopAsync(Cancel).DefaultTimeout();

        Assert.NotNull(process);
        Assert.NotEqual(_server.ConnectionString, second.ConnectionString);
    }

    private async Task<string> AskAsync(params string[] command)
    {
        using var client = Process.Start(new ProcessStartInfo("redis-cli", ["-p", Port, "--no-auth-warning", .. command])
        {
            RedirectStandardOutput = true,
        })!;
        var answer = await client.StandardOutput.ReadToEndAsync(Cancel).DefaultTimeout();
        await client.WaitForExitAsync(Cancel).DefaultTimeout();
        return answer.Trim();
    }
}
