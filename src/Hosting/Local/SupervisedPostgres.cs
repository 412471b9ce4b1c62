using Forge.Hosting.Supervision;

namespace Forge.Hosting.Local;

/// <summary>Keeps the run's own PostgreSQL alive.</summary>
public sealed class SupervisedPostgres(LocalPostgres server) : ISupervised
{
    public string Name => "postgres";

    public int? ProcessId => server.ProcessId;

    public int? ExitCode => null;

    public Task StartAsync(CancellationToken cancellationToken) => server.StartAsync(cancellationToken);

    public async Task<bool> StopAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await server.StopAsync(cancellationToken.IsCancellationRequested ? PostgresStop.Immediate : PostgresStop.Fast, CancellationToken.None);
        return true;
    }
}
