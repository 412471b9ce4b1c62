using Forge.Hosting.Local;

namespace Forge.TestKit;

/// <summary>
/// A real PostgreSQL of a test assembly: <c>[assembly: AssemblyFixture(typeof(PostgresServer))]</c> starts it once, and test classes
/// take it in their constructor. It is gone with the assembly, and also when the test process is killed.
/// </summary>
/// <remarks>It starts before the tests, because a process that starts another holds every open file's lock for a moment.</remarks>
public sealed class PostgresServer : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("forge-postgres-").FullName;
    private readonly LocalPostgres _server;
    private readonly ProcessTether _tether;
    private Exception? _fault;

    public PostgresServer()
    {
        _server = new LocalPostgres(Path.Combine(_folder, "server"), TimeProvider.System);
        _tether = new ProcessTether("pkill -KILL -P $(head -n 1 $1/server/data/postmaster.pid); kill -KILL $(head -n 1 $1/server/data/postmaster.pid); rm -rf $1", _folder);
    }

    /// <summary>To stop and start it in a test: such tests run alone, and start it again in the end.</summary>
    public LocalPostgres Server => _fault is null ? _server : throw new InvalidOperationException(_fault.Message, _fault);

    /// <summary>Reaches the one database that all tests share; each takes a run name of its own.</summary>
    public string ConnectionString => Server.ConnectionString();

    // A machine without PostgreSQL fails the tests that need it, with the reason, and no others.
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
