using Microsoft.Extensions.Hosting;

namespace Forge.DataPool.Hot;

/// <summary>Mirrors the pool of a service process for as long as it runs.</summary>
internal sealed class HotMirrorService(DataPool pool, IHotState state, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var mirror = new HotMirror(pool, state, time);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken);
    }
}
