using Forge.Hosting.Local;

namespace Forge.TestKit;

/// <summary>A real PostgreSQL of a test assembly.</summary>
public sealed class PostgresServer() : TestServer<LocalPostgres>(
    folder => new LocalPostgres(folder, TimeProvider.System),
    "pkill -KILL -P $(head -n 1 $1/server/data/postmaster.pid); kill -KILL $(head -n 1 $1/server/data/postmaster.pid)")
{
    /// <summary>Reaches the one database that all tests share; each takes a run name of its own.</summary>
    public string ConnectionString => Server.ConnectionString();
}
