namespace Forge.Learning.Model.Attention.Levels;

/// <summary>What <see cref="LevelFunction"/> must know beside its tensors.</summary>
/// <param name="Plan">The calls.</param>
/// <param name="Kernels">What computes them.</param>
/// <param name="Scale">Multiplies the products before the softmax.</param>
internal sealed record LevelCalls(PlacedPlan Plan, LevelKernels Kernels, double Scale);
