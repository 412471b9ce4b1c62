// N rows, H query heads, G key/value heads, K head dim
using System.Runtime.CompilerServices;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Attention.Levels;
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>Attends to sequences and prefix trees by libtorch's flash and cuDNN kernels, where this machine has them.</summary>
public sealed class CudaKernels : ModelKernels
{
    private readonly Func<Tensor, Tensor, LevelKernels?> _find;

    // A layout is one batch (or chunk), and all layers share its plan.
    private readonly ConditionalWeakTable<object, PlacedPlan> _plans = [];

    public CudaKernels()
        : this(UsableKernels.For)
    {
    }

    /// <param name="find">Finds the kernels for given queries and keys; null leaves them to the reference.</param>
    internal CudaKernels(Func<Tensor, Tensor, LevelKernels?> find) => _find = find;

    public override Tensor Attend(int layer, Tensor q_NHK, Tensor k_NGK, Tensor v_NGK, AttentionLayout layout, double scale)
    {
        if (_find(q_NHK, k_NGK) is not { } kernels)
        {
            return base.Attend(layer, q_NHK, k_NGK, v_NGK, layout, scale);
        }

        if (!_plans.TryGetValue(layout.PlanKey, out var plan))
        {
            if (layout.DescribeForest() is not { } forest)
            {
                return base.Attend(layer, q_NHK, k_NGK, v_NGK, layout, scale);
            }

            plan = LevelAttention.Plan(forest, kernels, q_NHK, k_NGK);
            _plans.Add(layout.PlanKey, plan);
        }

        using var scope = NewDisposeScope();
        var all = layout.WithPast(layer, k_NGK, v_NGK);
        return LevelAttention.Attend(new LevelCalls(plan, kernels, scale), q_NHK, all.Keys_NGK, all.Values_NGK).MoveToOuterDisposeScope();
    }
}
