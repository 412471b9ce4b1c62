using Forge.Hosting.Supervision;

namespace Forge.Hosting.Local;

/// <summary>Keeps one of a run's own servers alive.</summary>
public sealed class SupervisedServer(ILocalServer server) : ISupervised
{
    public string Name => server.Name;

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
        await server.StopAsync(isUrgent: cancellationToken.IsCancellationRequested, CancellationToken.None);
        return true;
    }
}
