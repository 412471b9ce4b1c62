using System.Collections.Immutable;

namespace Forge.Learning.Checkpoints.Safetensors;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its name, unique within the file.</param>
/// <param name="Dtype">Its number format.</param>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past the last byte.</param>
public sealed record SafetensorsEntry(string Name, SafetensorsDtype Dtype, ImmutableArray<long> Shape, long Begin, long End)
{
    public long ByteCount => End - Begin;

    public long ElementCount => ByteCount / Dtype.Size;
}
