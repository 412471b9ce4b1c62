// N rows, E experts, C choices per row
using static TorchSharp.torch;

namespace Forge.Learning.Fused;

/// <summary>Says what an expert block must know beside its differentiable tensors, and takes the routing that it decided.</summary>
/// <param name="NormEpsilon">Added to mean squares.</param>
/// <param name="Bias_E">Selection bias, contiguous, in the dtype of the rows.</param>
/// <param name="Forced_NC">Recorded choices to replay, contiguous int64, or null; a negative entry leaves its whole row to the router.</param>
/// <param name="Logits_NE">Receives the scores before the sigmoid.</param>
/// <param name="Choices_NC">Receives the chosen experts, int64, ascending.</param>
/// <param name="Weights_NC">Receives the mixing weights.</param>
internal sealed record ExpertGeometry(
    double NormEpsilon, Tensor Bias_E, Tensor? Forced_NC, Tensor Logits_NE, Tensor Choices_NC, Tensor Weights_NC)
{
    /// <summary>Whether a backward pass will follow.</summary>
    public bool IsTracked { get; init; }
}
