using Forge.Hosting.Keys;
using Forge.Hosting.Services;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Forge.Gateway.Http;

/// <summary>Opens the door for agents with the service, and closes it with it.</summary>
internal sealed class HttpFrontService(
    ChatGateway gateway, GatewayHttpOptions options, ServiceHostParts service, KeyRing keys, IEnumerable<ILoggerProvider> logs) : IHostedService, IAsyncDisposable
{
    private HttpFront? _front;

    public async Task StartAsync(CancellationToken cancellationToken) => _front = await HttpFront.StartAsync(
        new HttpFrontParts
        {
            Gateway = gateway,
            Options = options,
            Run = service.Run,
            RunDirectory = service.RunDirectory,
            Keys = keys,
            Security = service.Security,
            Time = service.Time,
            Logs = logs.FirstOrDefault(),
        },
        cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _front?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _front?.DisposeAsync() ?? ValueTask.CompletedTask;
}
