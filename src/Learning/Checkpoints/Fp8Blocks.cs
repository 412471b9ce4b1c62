using Forge.Core.Faults;
using Forge.Learning.Checkpoints.Safetensors;
using static TorchSharp.torch;

namespace Forge.Learning.Checkpoints;

/// <summary>Decodes float8_e4m3fn matrices that carry one scale per block: value = fp8 · scale of its block.</summary>
/// <remarks>
/// The last block in each direction may be partial; scales have ceil(rows / block) × ceil(columns / block) entries.
/// </remarks>
internal static class Fp8Blocks
{
    /// <summary>What the scales' names end in, after the weight's own name.</summary>
    public const string ScaleSuffix = "_scale_inv";

    private static readonly float[] Values = [.. Enumerable.Range(0, 256).Select(code => Decode((byte)code))];

    /// <summary>Decodes a whole matrix to fp32 on the CPU.</summary>
    /// <exception cref="ForgeException">The scales' shape or dtype does not fit.</exception>
    public static Tensor Dequantise(SafetensorsFile file, SafetensorsEntry weight, float[] scales, (long Rows, long Columns) block)
    {
        var (rows, columns) = (weight.Shape[0], weight.Shape[1]);
        var scaleColumns = (columns + block.Columns - 1) / block.Columns;
        using var scope = NewDisposeScope();
        var matrix = empty([rows, columns], dtype: ScalarType.Float32);
        var codes = new byte[columns];
        for (var row = 0L; row < rows; row++)
        {
            file.ReadBytes(weight, codes, row * columns);
            var scaleRow = scales.AsSpan(checked((int)(row / block.Rows * scaleColumns)), checked((int)scaleColumns));
            var target = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(matrix.select(0, row).bytes);
            DecodeRow(codes, scaleRow, (int)block.Columns, target);
        }

        return matrix.MoveToOuterDisposeScope();
    }

    private static void DecodeRow(ReadOnlySpan<byte> codes, ReadOnlySpan<float> scales, int blockColumns, Span<float> target)
    {
        for (var start = 0; start < codes.Length; start += blockColumns)
        {
            var scale = scales[start / blockColumns];
            var end = Math.Min(start + blockColumns, codes.Length);
            for (var column = start; column < end; column++)
            {
                target[column] = Values[codes[column]] * scale;
            }
        }
    }

    // e4m3fn: sign, 4 exponent bits with bias 7, 3 mantissa bits; exponent 0 is subnormal; all ones is NaN, there is no
    // infinity.
    private static float Decode(byte code)
    {
        var sign = (code & 0x80) == 0 ? 1f : -1f;
        var (exponent, mantissa) = ((code >> 3) & 0xF, code & 0x7);
        return (exponent, mantissa) switch
        {
            (0xF, 0x7) => float.NaN,
            (0, _) => sign * mantissa * MathF.Pow(2, -9),
            _ => sign * (8 + mantissa) * MathF.Pow(2, exponent - 10),
        };
    }
}
