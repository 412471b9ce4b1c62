using System.ComponentModel.DataAnnotations;

namespace Forge.Learning.Optim;

/// <summary>
/// Settings of AdamW; the defaults are those that MiniMax found to train RL stably (arXiv 2506.13585 §3.2).
/// </summary>
public sealed record AdamWOptions
{
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta1 { get; init; } = 0.9;

    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta2 { get; init; } = 0.95;

    /// <summary>
    /// Added to the root of the second moment. RL gradients reach down to 1e-18, so a usual 1e-8 would drown them.
    /// </summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Epsilon { get; init; } = 1e-15;

    /// <summary>Decoupled decay per step, times the learning rate.</summary>
    [Range(0.0, 1.0)]
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Whether one-dimensional parameters (norms) decay too.</summary>
    public bool DecayNorms { get; init; }
}
