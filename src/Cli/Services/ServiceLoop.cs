using Forge.Hosting.Health;
using Microsoft.Extensions.Hosting;

namespace Forge.Cli.Services;

/// <summary>Runs what a service does by itself, beside answering calls; when it ends or breaks, the service ends.</summary>
/// <param name="name">For the log.</param>
/// <param name="run">The work; cancelled when the service drains.</param>
/// <param name="lifetime">The service's.</param>
internal sealed class ServiceLoop(string name, Func<CancellationToken, Task> run, IHostApplicationLifetime lifetime) : IHostedService, IDrainable, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _work = Task.CompletedTask;

    public string Name => name;

    /// <summary>Ends as the work does.</summary>
    public Task Work => _work;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() => _work = RunAsync());
        return Task.CompletedTask;
    }

    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _work.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        try
        {
            await Task.Run(() => run(_stop.Token), CancellationToken.None);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Asked to end.
        }
        finally
        {
            lifetime.StopApplication();
        }
    }
}
