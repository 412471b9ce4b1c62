using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>One named weight as raw little-endian bytes, row-major.</summary>
/// <param name="Name">The public checkpoint name, such as <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="DType">A safetensors dtype: <c>F32</c>, <c>BF16</c>, <c>F64</c>.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Data">The bytes; never changed after publication.</param>
public sealed record WeightTensor(string Name, string DType, ImmutableArray<long> Shape, ReadOnlyMemory<byte> Data);
