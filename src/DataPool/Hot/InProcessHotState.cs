namespace Forge.DataPool.Hot;

/// <summary>Shows the pool within its own process.</summary>
/// <param name="time">Paces waiting.</param>
public sealed class InProcessHotState(TimeProvider time) : IHotState
{
    private readonly Lock _lock = new();
    private HotWindow? _window;
    private TaskCompletionSource _written = NewSignal();

    public Task<bool> TryWriteAsync(HotWindow window, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _window = window;
            _written.SetResult();
            _written = NewSignal();
        }

        return Task.FromResult(true);
    }

    public Task<HotWindow?> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_window);
        }
    }

    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        Task written;
        lock (_lock)
        {
            written = _written.Task;
        }

        try
        {
            await written.WaitAsync(atMost, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
