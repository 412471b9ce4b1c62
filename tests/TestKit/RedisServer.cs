using Forge.Hosting.Local;

namespace Forge.TestKit;

/// <summary>
/// A real Redis of a test assembly: <c>[assembly: AssemblyFixture(typeof(RedisServer))]</c> starts it once, and test classes take it in
/// their constructor. It is gone with the assembly, and also when the test process is killed.
/// </summary>
/// <remarks>Tests share it: each uses keys of its own, and one that flushes or stops it runs alone. It starts before the tests, as <see cref="PostgresServer"/> does.</remarks>
public sealed class RedisServer : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("forge-redis-").FullName;
    private readonly LocalRedis _server;
    private readonly ProcessTether _tether;
    private Exception? _fault;

    public RedisServer()
    {
        _server = new LocalRedis(Path.Combine(_folder, "server"), TimeProvider.System);
        _tether = new ProcessTether("kill -KILL $(cat $1/server/redis.pid); rm -rf $1", _folder);
    }

    /// <summary>To stop and start it in a test: such tests run alone, and start it again in the end.</summary>
    public LocalRedis Server => _fault is null ? _server : throw new InvalidOperationException(_fault.Message, _fault);

    // A machine without Redis fails the tests that need it, with the reason, and no others.
    public async ValueTask InitializeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            await _server.StartAsync(limit.Token);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            _fault = fault;
        }
    }

    public ValueTask DisposeAsync()
    {
        _tether.Dispose();
        return ValueTask.CompletedTask;
    }
}
