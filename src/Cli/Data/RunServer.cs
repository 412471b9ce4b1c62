using Forge.Cli.Runs;
using Forge.DataPool;
using Forge.Hosting.Local;

namespace Forge.Cli.Data;

/// <summary>The PostgreSQL of a stopped run, started for as long as this lives; nobody can start the run meanwhile. Any other server is left as it is.</summary>
internal sealed class RunServer : IAsyncDisposable
{
    private readonly LocalPostgres? _server;
    private readonly IDisposable? _held;

    private RunServer(LocalPostgres? server, IDisposable? held) => (_server, _held) = (server, held);

    public static async Task<RunServer> StartAsync(RunTarget target, CancellationToken cancellationToken)
    {
        var server = DistributedRun.Postgres(target.Processes.Run);
        if (!target.Run.Section<DataPoolOptions>().Postgres.IsLocal || server.ProcessId is not null)
        {
            return new RunServer(null, null);
        }

        var started = new RunServer(server, target.Processes.Lock());
        try
        {
            await server.StartAsync(cancellationToken);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_server is null ? Task.CompletedTask : _server.StopAsync(PostgresStop.Fast, CancellationToken.None));
        _held?.Dispose();
    }
}
