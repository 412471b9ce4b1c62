using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>One published policy: its version and every weight.</summary>
public sealed record PolicyWeights(PolicyVersion Version, ImmutableArray<WeightTensor> Tensors)
{
    /// <summary>True when the trainer went back to an older checkpoint: it replaces a policy whose version is not older.</summary>
    public bool GoesBack { get; init; }
}
