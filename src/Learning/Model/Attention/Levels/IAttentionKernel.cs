// T queries of a call, S keys of a call, H query heads, G key/value heads, K head dim
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>
/// Attention of some queries to a part of their keys, such that parts can be merged: the output over these keys alone comes with its
/// log-sum-exp, and the backward pass takes output and log-sum-exp over all keys.
/// </summary>
internal interface IAttentionKernel
{
    /// <param name="q_THK">The call's queries.</param>
    /// <param name="k_SGK">The call's keys.</param>
    /// <param name="v_SGK">The call's values.</param>
    /// <param name="call">Which of them see each other.</param>
    /// <param name="scale">Multiplies the products before the softmax.</param>
    /// <returns>Queries without keys have output 0 and log-sum-exp −∞.</returns>
    AttentionPart Forward(Tensor q_THK, Tensor k_SGK, Tensor v_SGK, PlacedCall call, double scale);

    /// <summary>
    /// With p = exp(scale · q kᵀ − logSumExp): dv = pᵀ do, ds = p ⊙ (do vᵀ − rowsum(do ⊙ out)), dq = scale · ds k, dk = scale · dsᵀ q. Sums over
    /// the calls of a plan are the exact gradients.
    /// </summary>
    /// <param name="outGradient_THK">Gradient of the merged output.</param>
    /// <param name="q_THK">As in the forward pass, like keys and values.</param>
    /// <param name="k_SGK">Keys.</param>
    /// <param name="v_SGK">Values.</param>
    /// <param name="merged">The queries' output and log-sum-exp over all their keys, and the seeds of this call's forward pass.</param>
    /// <param name="call">Which of them see each other.</param>
    /// <param name="scale">As in the forward pass.</param>
    AttentionGradients Backward(
        Tensor outGradient_THK, Tensor q_THK, Tensor k_SGK, Tensor v_SGK, AttentionPart merged, PlacedCall call, double scale);
}
