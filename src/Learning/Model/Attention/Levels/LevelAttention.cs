// N rows, Q query rows, H query heads, G key/value heads, K head dim
using Forge.Learning.Model.Attention.Levels.Planning;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>Attention over prefix trees by stock kernels: few calls that each see a part of the keys, merged exactly.</summary>
internal static class LevelAttention
{
    /// <param name="forest">Which of the N rows see which; the last Q are queries.</param>
    /// <param name="kernels">What will compute the plan.</param>
    /// <param name="q_QHK">Its heads and device count; all layers share the plan.</param>
    /// <param name="k_NGK">Its heads count.</param>
    /// <param name="rule">Other rules than the planned one are for comparison.</param>
    public static PlacedPlan Plan(
        ForestRows forest, LevelKernels kernels, Tensor q_QHK, Tensor k_NGK, ClosingRule rule = ClosingRule.Planned)
    {
        var costs = new LevelCosts((int)q_QHK.shape[1], (int)k_NGK.shape[1], (int)q_QHK.shape[2], kernels.Dense is not null);
        return new PlacedPlan(LevelPlan.For(forest, costs, rule), q_QHK.device);
    }

    /// <summary>softmax(scale · q kᵀ) v over the keys that each query sees, with gradients.</summary>
    /// <param name="calls">The plan, its kernels and the scale.</param>
    /// <param name="q_QHK">Queries of the plan's query rows.</param>
    /// <param name="k_NGK">Keys of all rows.</param>
    /// <param name="v_NGK">Values of all rows.</param>
    /// <returns>[Q, H·K] in the dtype of the queries.</returns>
    public static Tensor Attend(LevelCalls calls, Tensor q_QHK, Tensor k_NGK, Tensor v_NGK)
    {
        using var scope = NewDisposeScope();
        return LevelFunction.apply(q_QHK, k_NGK, v_NGK, calls).reshape(q_QHK.shape[0], -1).MoveToOuterDisposeScope();
    }
}
