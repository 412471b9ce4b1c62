using Forge.Hosting.Local;

namespace Forge.TestKit;

/// <summary>
/// A real server of a test assembly: <c>[assembly: AssemblyFixture(typeof(RedisServer))]</c> starts it once, and test classes take it in
/// their constructor. It is gone with the assembly, and also when the test process is killed.
/// </summary>
/// <remarks>It starts before the tests, because a process that starts another holds every open file's lock for a moment.</remarks>
public abstract class TestServer<TServer> : IAsyncLifetime
    where TServer : ILocalServer
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TServer _server;
    private readonly ProcessTether _tether;
    private Exception? _fault;

    /// <param name="create">Makes the server of a folder.</param>
    /// <param name="end">Shell commands that kill what runs out of the folder <c>$1/server</c>, whatever state it is in.</param>
    protected TestServer(Func<string, TServer> create, string end)
    {
        var folder = Directory.CreateTempSubdirectory("forge-server-").FullName;
        _server = create(Path.Combine(folder, "server"));
        _tether = new ProcessTether($"{end}; rm -rf $1", folder);
    }

    /// <summary>To stop and start it in a test: such tests run alone, and start it again in the end.</summary>
    public TServer Server => _fault is null ? _server : throw new InvalidOperationException(_fault.Message, _fault);

    // A machine without the server fails the tests that need it, with the reason, and no others.
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
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
