namespace Forge.Contracts.Streams;

/// <summary>Writes items in their order, as many in a message as came together. Safe for concurrent use.</summary>
/// <param name="write">Writes one message; what it throws ends the outbox, and whoever reads the stream learns why.</param>
/// <param name="limits">Of one message.</param>
/// <param name="time">Measures the pause between messages.</param>
internal sealed class Outbox<T>(Func<IReadOnlyList<T>, Task> write, OutboxLimits limits, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<(T Item, long Size)> _waiting = new();
    private TaskCompletionSource? _flushed;
    private long? _written;
    private bool _isWriting;
    private bool _isBroken;

    /// <summary>Never waits; an item for a stream that is broken is dropped.</summary>
    public void Add(T item, long size)
    {
        lock (_lock)
        {
            if (_isBroken)
            {
                return;
            }

            _waiting.Enqueue((item, size));
            if (_isWriting)
            {
                return;
            }

            _isWriting = true;
        }

        _ = WriteAsync();
    }

    /// <summary>Returns when everything is written, or never will be.</summary>
    public Task FlushAsync()
    {
        lock (_lock)
        {
            return _isWriting ? (_flushed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            while (!EndWhenEmpty())
            {
                if (Pause() is var pause && pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, time);
                }

                _written = time.GetTimestamp();
                await write(Next());
            }
        }
        catch (Exception)
        {
            Break();
        }
    }

    private TimeSpan Pause() => _written is { } written ? limits.Pause - time.GetElapsedTime(written) : TimeSpan.Zero;

    private List<T> Next()
    {
        var items = new List<T>();
        var size = 0L;
        lock (_lock)
        {
            while (items.Count < limits.Items && size < limits.Bytes && _waiting.TryDequeue(out var next))
            {
                items.Add(next.Item);
                size += next.Size;
            }
        }

        return items;
    }

    private bool EndWhenEmpty()
    {
        lock (_lock)
        {
            if (_waiting.Count > 0)
            {
                return false;
            }

            End();
            return true;
        }
    }

    private void Break()
    {
        lock (_lock)
        {
            _isBroken = true;
            _waiting.Clear();
            End();
        }
    }

    private void End()
    {
        _isWriting = false;
        _flushed?.SetResult();
        _flushed = null;
    }
}
