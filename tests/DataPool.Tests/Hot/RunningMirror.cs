using Forge.DataPool.Hot;
using Forge.TestKit;

namespace Forge.DataPool.Tests.Hot;

/// <summary>A mirror that runs until it is disposed.</summary>
internal sealed class RunningMirror : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RunningMirror(DataPool pool, IHotState state) => _running = new HotMirror(pool, state, TimeProvider.System).RunAsync(_stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running).DefaultTimeout();
        _stop.Dispose();
    }
}
