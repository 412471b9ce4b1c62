namespace Forge.Learning.Fused.Activations;

/// <summary>Lends activation buffers, so that training steps of any shapes settle on a fixed set of them.</summary>
/// <remarks>
/// Thread-safe. Never holds more unused bytes than were lent at the busiest moment. A buffer that never comes back (its graph was
/// dropped without a backward pass) is freed by its finalizer.
/// </remarks>
internal sealed class ActivationPool
{
    private readonly Lock _lock = new();
    private readonly List<ActivationBuffer> _free = []; // least recently returned first
    private long _lentBytes;
    private long _mostLentBytes;
    private long _freeBytes;

    /// <summary>The process's pool.</summary>
    public static ActivationPool Shared { get; } = new();

    /// <summary>Bytes that forward passes hold for backward passes to come.</summary>
    public long LentBytes
    {
        get
        {
            lock (_lock)
            {
                return _lentBytes;
            }
        }
    }

    public long FreeBytes
    {
        get
        {
            lock (_lock)
            {
                return _freeBytes;
            }
        }
    }

    /// <summary>A buffer of at least <paramref name="byteCount"/> bytes (at most twice that when one is at hand); contents are undefined.</summary>
    public ActivationBuffer Rent(long byteCount)
    {
        lock (_lock)
        {
            var buffer = TakeNeedsLock(byteCount) ?? new ActivationBuffer(byteCount);
            _lentBytes += buffer.ByteCount;
            _mostLentBytes = Math.Max(_mostLentBytes, _lentBytes);
            return buffer;
        }
    }

    public void Return(ActivationBuffer buffer)
    {
        lock (_lock)
        {
            _lentBytes -= buffer.ByteCount;
            _freeBytes += buffer.ByteCount;
            _free.Add(buffer);
            while (_freeBytes > _mostLentBytes)
            {
                _freeBytes -= _free[0].ByteCount;
                _free[0].Dispose();
                _free.RemoveAt(0);
            }
        }
    }

    /// <summary>Frees what is not lent, and forgets how busy it was.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            _free.ForEach(buffer => buffer.Dispose());
            _free.Clear();
            (_freeBytes, _mostLentBytes) = (0, _lentBytes);
        }
    }

    private ActivationBuffer? TakeNeedsLock(long byteCount)
    {
        var best = -1;
        for (var i = 0; i < _free.Count; i++)
        {
            var size = _free[i].ByteCount;
            if (size >= byteCount && size <= 2 * byteCount && (best < 0 || size <= _free[best].ByteCount))
            {
                best = i;
            }
        }

        if (best < 0)
        {
            return null;
        }

        var buffer = _free[best];
        _free.RemoveAt(best);
        _freeBytes -= buffer.ByteCount;
        return buffer;
    }
}
