// N rows, C choices per row, E experts
using static TorchSharp.torch;

namespace Forge.Learning.Model.Mixture;

/// <summary>The router's decision for every row.</summary>
/// <param name="Logits_NE">Before the sigmoid, at least fp32.</param>
/// <param name="Choices_NC">int64 expert ids, ascending within a row, so that sums over choices have one order.</param>
/// <param name="Weights_NC">Mixing weights of the choices; each row sums to 1; at least fp32, differentiable.</param>
public sealed record Routing(Tensor Logits_NE, Tensor Choices_NC, Tensor Weights_NC)
{
    internal Routing MoveToOuterDisposeScope()
    {
        Logits_NE.MoveToOuterDisposeScope();
        Choices_NC.MoveToOuterDisposeScope();
        Weights_NC.MoveToOuterDisposeScope();
        return this;
    }
}
