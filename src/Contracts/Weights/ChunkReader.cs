using Forge.Core.Faults;

namespace Forge.Contracts.Weights;

/// <summary>Reads chunks as one run of bytes, from the first on.</summary>
internal sealed class ChunkReader(IReadOnlyList<ReadOnlyMemory<byte>> chunks)
{
    private int _chunk;
    private int _offset;

    public bool IsAtEnd => _chunk == chunks.Count;

    /// <exception cref="TornTransferException">Fewer bytes are left.</exception>
    public void Read(Span<byte> target)
    {
        while (target.Length > 0)
        {
            if (IsAtEnd)
            {
                throw new TornTransferException($"The weights end {target.Length} bytes before they should.");
            }

            var rest = chunks[_chunk].Span[_offset..];
            var count = Math.Min(rest.Length, target.Length);
            rest[..count].CopyTo(target);
            target = target[count..];
            (_chunk, _offset) = count == rest.Length ? (_chunk + 1, 0) : (_chunk, _offset + count);
        }
    }
}
