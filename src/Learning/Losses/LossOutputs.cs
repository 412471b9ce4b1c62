// P trajectory tokens

using static TorchSharp.torch;

namespace Forge.Learning.Losses;

/// <summary>A loss and what it did; tensors belong to the caller's dispose scope.</summary>
/// <param name="Loss">Scalar, to be minimised, with gradient.</param>
/// <param name="Ratio_P">Importance ratio of each token, without gradient.</param>
/// <param name="Clipped_P">Bool: the ratio was clipped, or the token dropped.</param>
public sealed record LossOutputs(Tensor Loss, Tensor Ratio_P, Tensor Clipped_P);
