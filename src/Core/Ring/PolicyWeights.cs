using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>One published policy: its version and every weight.</summary>
public sealed record PolicyWeights(PolicyVersion Version, ImmutableArray<WeightTensor> Tensors);
