using System.Buffers.Binary;
using System.IO.Compression;
using Forge.Core.Faults;

namespace Forge.Contracts.Weights;

/// <summary>
/// Writes a tensor as its difference from the same tensor of another version, without loss: XOR of the bytes, then plane by plane (all first bytes of the
/// elements, all second bytes, …), each plane compressed when that is smaller.
/// </summary>
/// <remarks>
/// A step of the optimizer changes the low bits of a weight and rarely its sign and exponent, so the high planes are nearly all zeros and the low ones
/// noise. One plane: method (1 byte), length (8 bytes, little-endian), bytes.
/// </remarks>
internal static class PlaneDelta
{
    private const int PlaneHeader = 9;

    private enum Method : byte
    {
        Raw = 0,
        Deflate = 1,
        Zero = 2,
    }

    public static byte[] Encode(ReadOnlySpan<byte> data, ReadOnlySpan<byte> before, int elementSize)
    {
        using var output = new MemoryStream();
        var count = data.Length / elementSize;
        var plane = new byte[count];
        for (var offset = 0; offset < elementSize; offset++)
        {
            for (var index = 0; index < count; index++)
            {
                plane[index] = (byte)(data[(index * elementSize) + offset] ^ before[(index * elementSize) + offset]);
            }

            WritePlane(output, plane);
        }

        return output.ToArray();
    }

    /// <exception cref="TornTransferException">The bytes are not such a difference.</exception>
    public static byte[] Decode(ChunkReader input, ReadOnlySpan<byte> before, int elementSize)
    {
        var data = before.ToArray();
        var plane = new byte[before.Length / elementSize];
        for (var offset = 0; offset < elementSize; offset++)
        {
            ReadPlane(input, plane);
            for (var index = 0; index < plane.Length; index++)
            {
                data[(index * elementSize) + offset] ^= plane[index];
            }
        }

        return data;
    }

    private static void WritePlane(MemoryStream output, byte[] plane)
    {
        if (plane.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            WriteHeader(output, Method.Zero, 0);
            return;
        }

        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(plane);
        }

        var (method, bytes) = packed.Length < plane.Length ? (Method.Deflate, packed.ToArray()) : (Method.Raw, plane);
        WriteHeader(output, method, bytes.Length);
        output.Write(bytes);
    }

    private static void WriteHeader(MemoryStream output, Method method, long length)
    {
        Span<byte> header = stackalloc byte[PlaneHeader];
        header[0] = (byte)method;
        BinaryPrimitives.WriteInt64LittleEndian(header[1..], length);
        output.Write(header);
    }

    private static void ReadPlane(ChunkReader input, byte[] plane)
    {
        Span<byte> header = stackalloc byte[PlaneHeader];
        input.Read(header);
        var length = BinaryPrimitives.ReadInt64LittleEndian(header[1..]);
        switch ((Method)header[0])
        {
            case Method.Zero when length == 0:
                plane.AsSpan().Clear();
                break;
            case Method.Raw when length == plane.Length:
                input.Read(plane);
                break;
            case Method.Deflate when length < plane.Length && length > 0:
                Inflate(input, (int)length, plane);
                break;
            default:
                throw new TornTransferException($"A change of weights has a plane of kind {header[0]} with {length} bytes for {plane.Length} elements.");
        }
    }

    private static void Inflate(ChunkReader input, int length, byte[] plane)
    {
        var packed = new byte[length];
        input.Read(packed);
        try
        {
            using var inflate = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
            inflate.ReadExactly(plane);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new TornTransferException($"A change of weights can't be unpacked: {error.Message}", error);
        }
    }
}
