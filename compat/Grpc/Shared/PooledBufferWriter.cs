using System.Buffers;

namespace Grpc.Shared;

/// <summary>Grows in one array of the shared pool, which goes back when this is disposed. One thread at a time.</summary>
internal sealed class PooledBufferWriter : IBufferWriter<byte>, IDisposable
{
    private const int SmallestBuffer = 256;

    private byte[] _buffer = [];

    internal int WrittenCount { get; private set; }

    internal ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, WrittenCount);

    internal ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, WrittenCount);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - WrittenCount), nameof(count));
        WrittenCount += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureFree(Math.Max(1, sizeHint));
        return _buffer.AsMemory(WrittenCount);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureFree(Math.Max(1, sizeHint));
        return _buffer.AsSpan(WrittenCount);
    }

    internal void EnsureFree(int count)
    {
        if (_buffer.Length - WrittenCount >= count)
        {
            return;
        }

        var size = Math.Max(checked(WrittenCount + count), (int)Math.Min(_buffer.Length * 2L, Array.MaxLength));
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, SmallestBuffer));
        WrittenSpan.CopyTo(larger);
        GiveBack();
        _buffer = larger;
    }

    /// <summary>Forgets what was written and keeps the array.</summary>
    internal void Clear() => WrittenCount = 0;

    public void Dispose()
    {
        WrittenCount = 0;
        GiveBack();
        _buffer = [];
    }

    private void GiveBack()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }
}
