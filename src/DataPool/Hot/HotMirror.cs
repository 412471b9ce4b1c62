namespace Forge.DataPool.Hot;

/// <summary>Shows a pool's window while it runs: after every change, but not more often than ten times a second, and now and then anyway.</summary>
/// <param name="pool">Whose window.</param>
/// <param name="state">Where it is shown.</param>
/// <param name="time">Paces it.</param>
public sealed class HotMirror(DataPool pool, IHotState state, TimeProvider time)
{
    /// <summary>Between two writes, however much changes.</summary>
    public TimeSpan LeastPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for a change no longer than this: the next write makes up for a state that forgot everything.</summary>
    public TimeSpan MostPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Shows the window until it is cancelled; then what is shown grows old and goes away.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (window, changed) = pool.WatchWindow();
            await state.TryWriteAsync(window, cancellationToken);
            await Task.Delay(LeastPause, time, cancellationToken);
            await pool.WaitAsync(changed, MostPause, time, cancellationToken);
        }
    }
}
