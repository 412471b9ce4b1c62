// N rows, H query heads, G key/value heads, K head dim
using System.Runtime.CompilerServices;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Attention.Levels;
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>Attends to sequences and prefix trees by libtorch's flash and cuDNN kernels, where this machine has them.</summary>
public sealed class CudaKernels : ModelKernels
{
    // A layout is one batch, and all layers share its plan.
    private readonly ConditionalWeakTable<AttentionLayout, PlacedPlan> _plans = [];

    public override Tensor Attend(int layer, Tensor q_NHK, Tensor k_NGK, Tensor v_NGK, AttentionLayout layout, double scale)
    {
        if (UsableKernels.For(q_NHK, k_NGK) is not { } kernels)
        {
            return base.Attend(layer, q_NHK, k_NGK, v_NGK, layout, scale);
        }

        if (!_plans.TryGetValue(layout, out var plan))
        {
            if (layout.DescribeForest() is not { } forest)
            {
                return base.Attend(layer, q_NHK, k_NGK, v_NGK, layout, scale);
            }

            plan = LevelAttention.Plan(forest, kernels, q_NHK, k_NGK);
            _plans.Add(layout, plan);
        }

        return LevelAttention.Attend(new LevelCalls(plan, kernels, scale), q_NHK, k_NGK, v_NGK);
    }
}
