// M scored rows
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>What the policy thought of given tokens.</summary>
/// <param name="LogProb_M">Natural log of each target's probability, differentiable, at least fp32.</param>
/// <param name="Entropy_M">Entropy of each row's whole distribution in nats; with gradient only when that was asked for.</param>
public sealed record TokenScores(Tensor LogProb_M, Tensor Entropy_M);
