using static TorchSharp.torch;

namespace Forge.Learning.Optim;

/// <summary>One parameter's part of an optimizer step.</summary>
/// <param name="State">Moments and master, changed in place.</param>
/// <param name="Gradient">In any floating dtype, of the parameter's shape.</param>
/// <param name="Step">The numbers of this update.</param>
public readonly record struct AdamWUpdate(AdamWState State, Tensor Gradient, AdamWStep Step);
