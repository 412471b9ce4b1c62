namespace Forge.DataPool.Hot;

/// <summary>Shows a pool's window while it runs: after every change, but not more often than ten times a second, and now and then anyway.</summary>
public sealed class HotMirror : IAsyncDisposable
{
    // The second makes up for a state that forgot everything.
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MostPause = TimeSpan.FromMilliseconds(500);

    private readonly DataPool _pool;
    private readonly IHotState _state;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public HotMirror(DataPool pool, IHotState state, TimeProvider time)
    {
        (_pool, _state, _time) = (pool, state, time);
        _running = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var (window, changed) = _pool.Show();
                await _state.TryWriteAsync(window, _stop.Token);
                await Task.Delay(LeastPause, _time, _stop.Token);
                await Task.WhenAny(changed, Task.Delay(MostPause, _time, _stop.Token));
                _stop.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            // The pool ends: what is shown grows old and goes away.
        }
    }
}
