using static TorchSharp.torch;

namespace Forge.Learning.Checkpoints.Safetensors;

/// <summary>Reaches the memory of CPU tensors in pieces that a span can address.</summary>
internal static class TensorBytes
{
    private const long ChunkBytes = 1L << 28;

    /// <summary>Handles one piece; the offset counts bytes from the tensor's beginning.</summary>
    public delegate void ChunkAction(Span<byte> chunk, long offset);

    /// <param name="tensor">Contiguous, on the CPU.</param>
    /// <param name="action">Called for each piece, in order.</param>
    public static void ForEachChunk(Tensor tensor, ChunkAction action)
    {
        using var scope = NewDisposeScope();
        var flat = tensor.detach().view(-1);
        var count = flat.numel();
        var perChunk = ChunkBytes / tensor.ElementSize;
        for (var start = 0L; start < count; start += perChunk)
        {
            var piece = flat.narrow(0, start, Math.Min(perChunk, count - start));
            action(piece.bytes, start * tensor.ElementSize);
        }
    }

    /// <summary>A tensor's bytes as they would be stored, copied.</summary>
    public static byte[] ToArray(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var host = tensor.detach().cpu().contiguous();
        var bytes = new byte[host.numel() * host.ElementSize];
        ForEachChunk(host, (chunk, offset) => chunk.CopyTo(bytes.AsSpan(checked((int)offset))));
        return bytes;
    }

    /// <summary>A CPU tensor with the given stored bytes.</summary>
    public static Tensor FromBytes(ReadOnlyMemory<byte> bytes, ScalarType dtype, long[] shape)
    {
        using var scope = NewDisposeScope();
        var tensor = empty(shape, dtype: dtype);
        ForEachChunk(tensor, (chunk, offset) => bytes.Span.Slice(checked((int)offset), chunk.Length).CopyTo(chunk));
        return tensor.MoveToOuterDisposeScope();
    }
}
