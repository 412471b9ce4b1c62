using System.Collections.Immutable;

namespace Forge.Contracts.Weights;

/// <summary>Where a tensor lies in a safetensors file: bytes [start, end) after the header.</summary>
internal sealed record TensorPlace(string Name, string DType, ImmutableArray<long> Shape, long Start, long End);
