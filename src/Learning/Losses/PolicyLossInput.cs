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

    /// <summary>int64: numbers the response that each token belongs to, from 0 without gaps, ascending; for losses that look at whole sequences.</summary>
    public required Tensor Sequence_P { get; init; }

    /// <summary>Entropy of the distribution at each token in nats; with gradient where a loss is taken on it. Null when none is.</summary>
    public Tensor? Entropy_P { get; init; }
}
