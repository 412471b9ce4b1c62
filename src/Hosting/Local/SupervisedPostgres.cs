using Forge.Hosting.Supervision;

namespace Forge.Hosting.Local;

/// <summary>Keeps the run's own PostgreSQL alive.</summary>
public sealed class SupervisedPostgres(LocalPostgres server) : ISupervised
{
    public string Name => "postgres";

    public int? ProcessId => server.ProcessId;

    public int? ExitCode => null;

    public bool HasFinished => false;

    public Task StartAsync(CancellationToken cancellationToken) => server.StartAsync(cancellationToken);

    // Its callers bound their waiting; nothing asks it from here.
    public Task<bool> AnswersAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    public void Kill()
    {
        if (server.ProcessId is { } id)
        {
            ProcessIdentity.Of(id)?.Signal(Signals.Kill);
        }
    }

    public async Task<bool> StopAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await server.StopAsync(cancellationToken.IsCancellationRequested ? PostgresStop.Immediate : PostgresStop.Fast, CancellationToken.None);
        return true;
    }
}
