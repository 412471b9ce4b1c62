namespace Forge.AgentSide.BlackBox.Programs;

/// <summary>The last bytes of a stream.</summary>
internal sealed class TailBuffer(int capacity)
{
    // Grows with what comes: most programs say little.
    private byte[] _bytes = [];
    private int _start;
    private int _length;

    /// <summary>Bytes that were pushed out.</summary>
    public long Dropped { get; private set; }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > capacity)
        {
            Dropped += bytes.Length - capacity;
            bytes = bytes[^capacity..];
        }

        Reserve(Math.Min(capacity, _length + bytes.Length));
        var over = Math.Max(0, _length + bytes.Length - _bytes.Length);
        (_start, _length, Dropped) = (_bytes.Length == 0 ? 0 : (_start + over) % _bytes.Length, _length - over, Dropped + over);
        foreach (var value in bytes)
        {
            _bytes[(_start + _length++) % _bytes.Length] = value;
        }
    }

    public byte[] ToArray()
    {
        var result = new byte[_length];
        for (var index = 0; index < _length; index++)
        {
            result[index] = _bytes[(_start + index) % _bytes.Length];
        }

        return result;
    }

    private void Reserve(int size)
    {
        if (size > _bytes.Length)
        {
            var grown = new byte[Math.Min(capacity, Math.Max(size, 2 * _bytes.Length))];
            ToArray().CopyTo(grown, 0);
            (_bytes, _start) = (grown, 0);
        }
    }
}
