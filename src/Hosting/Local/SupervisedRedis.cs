using Forge.Hosting.Supervision;

namespace Forge.Hosting.Local;

/// <summary>Keeps the run's own Redis alive.</summary>
public sealed class SupervisedRedis(LocalRedis server) : ISupervised
{
    public string Name => "redis";

    public int? ProcessId => server.ProcessId;

    public int? ExitCode => null;

    public Task StartAsync(CancellationToken cancellationToken) => server.StartAsync(cancellationToken);

    public async Task<bool> StopAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await server.StopAsync(CancellationToken.None);
        return true;
    }
}
