// P trajectory tokens

using static TorchSharp.torch;

namespace Forge.Learning.Losses;

/// <summary>What a policy loss is computed from; all rows belong to trained tokens, padding and tool text never get here.</summary>
public sealed record PolicyLossInput
{
    /// <summary>Log-probabilities under the policy that is trained, with gradient.</summary>
    public required Tensor LogProb_P { get; init; }

    /// <summary>Log-probabilities under the policy that the tokens were drawn from.</summary>
    public required Tensor OldLogProb_P { get; init; }

    public required Tensor Advantage_P { get; init; }

    /// <summary>The normaliser's share of each token, such as 1 / (tokens of its group · groups).</summary>
    public required Tensor Weight_P { get; init; }

    /// <summary>int64: numbers each token's trajectory, for losses that look at whole sequences; ascending.</summary>
    public required Tensor Trajectory_P { get; init; }
}
