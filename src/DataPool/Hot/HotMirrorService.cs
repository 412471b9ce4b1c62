using Microsoft.Extensions.Hosting;

namespace Forge.DataPool.Hot;

/// <summary>Mirrors the pool of a service process for as long as it runs.</summary>
internal sealed class HotMirrorService(DataPool pool, IHotState state, TimeProvider time) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new HotMirror(pool, state, time).RunAsync(stoppingToken);
}
