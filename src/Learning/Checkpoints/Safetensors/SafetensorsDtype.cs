using static TorchSharp.torch;

namespace Forge.Learning.Checkpoints.Safetensors;

/// <summary>A number format of the safetensors layout.</summary>
/// <param name="Name">As the header spells it, such as <c>BF16</c>.</param>
/// <param name="Size">Bytes per element.</param>
/// <param name="Scalar">The tensor dtype that holds it as is; null for formats that must be decoded.</param>
public sealed record SafetensorsDtype(string Name, int Size, ScalarType? Scalar)
{
    /// <summary>4 exponent and 3 mantissa bits, no infinities (arXiv 2209.05433).</summary>
    public const string Float8E4M3 = "F8_E4M3";

    private static readonly SafetensorsDtype[] All =
    [
        new("F64", 8, ScalarType.Float64),
        new("F32", 4, ScalarType.Float32),
        new("F16", 2, ScalarType.Float16),
        new("BF16", 2, ScalarType.BFloat16),
        new("I64", 8, ScalarType.Int64),
        new("I32", 4, ScalarType.Int32),
        new("I16", 2, ScalarType.Int16),
        new("I8", 1, ScalarType.Int8),
        new("U8", 1, ScalarType.Byte),
        new("BOOL", 1, ScalarType.Bool),
        new("U64", 8, null),
        new("U32", 4, null),
        new("U16", 2, null),
        new(Float8E4M3, 1, null),
        new("F8_E5M2", 1, null),
    ];

    /// <summary>Finds a format by its header name; null when it is not known.</summary>
    public static SafetensorsDtype? Find(string name) => Array.Find(All, dtype => dtype.Name == name);

    /// <summary>The format that stores a tensor dtype.</summary>
    /// <exception cref="ArgumentException">The layout has no format for it.</exception>
    public static SafetensorsDtype Of(ScalarType scalar)
        => Array.Find(All, dtype => dtype.Scalar == scalar)
            ?? throw new ArgumentException($"safetensors has no format for {scalar}.", nameof(scalar));
}
