// N rows, Q query rows, H query heads, G key/value heads, K head dim, T queries of a call
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>Computes attention by the calls of a plan, forward and backward.</summary>
/// <remarks>
/// Arguments of <c>apply</c>: q_QHK, k_NGK, v_NGK, then the <see cref="LevelCalls"/>. Kept for backward: the arguments, the output and its
/// log-sum-exp; copies of keys are made again. Gradients are summed over the calls in at least fp32. The backward pass may run on a thread
/// of libtorch's engine.
/// </remarks>
internal sealed class LevelFunction : autograd.SingleTensorFunction<LevelFunction>
{
    // q, k, v, output, log-sum-exp; seeds follow.
    private const int SavedTensors = 5;

    private const string SeedCounts = "seeds";

    public override string Name => nameof(LevelFunction);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using var scope = NewDisposeScope();
        Tensor[] inputs = [.. vars.OfType<Tensor>().Select(input => input.contiguous())];
        var calls = (LevelCalls)vars[^1];
        var (seeds, seedCounts) = (new List<Tensor>(), new List<int>());
        AttentionPart Run(PlacedCall call)
        {
            var part = calls.Kernels.For(call.Call).Forward(
                call.Queries(inputs[0]), call.Keys(inputs[1]), call.Keys(inputs[2]), call, calls.Scale);
            seeds.AddRange(part.Seeds);
            seedCounts.Add(part.Seeds.Length);
            return part;
        }

        var (out_QHK, logSumExp_HQ) = Merge(inputs[0], calls.Plan, Run);
        Tensor[] kept = [.. inputs, out_QHK, logSumExp_HQ, .. seeds];
        ctx.save_for_backward([.. kept.Select(one => one.MoveToOuterDisposeScope())]);
        ctx.save_data(nameof(LevelCalls), calls);
        ctx.save_data(SeedCounts, seedCounts);
        return kept[3];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        var (calls, seedCounts) = ((LevelCalls)ctx.get_data(nameof(LevelCalls)), (List<int>)ctx.get_data(SeedCounts));
        var outGradient_QHK = grad_output.contiguous();
        var sums = new GradientSums(saved[0], saved[1], calls.Plan);
        var (index, seed) = (0, SavedTensors);
        foreach (var call in calls.Plan.OwnCalls.Concat(calls.Plan.PathCalls))
        {
            using var scope = NewDisposeScope();
            var merged = new AttentionPart(
                call.Queries(saved[3]), call.Queries(saved[4], dimension: 1).contiguous(), [.. saved.Skip(seed).Take(seedCounts[index])]);
            seed += seedCounts[index++];
            sums.Add(call, calls.Kernels.For(call.Call).Backward(
                call.OutGradients(outGradient_QHK), call.Queries(saved[0]), call.Keys(saved[1]), call.Keys(saved[2]), merged, call, calls.Scale));
        }

        return [.. sums.InDtypeOf(saved[0]), null!];
    }

    private static (Tensor Out_QHK, Tensor LogSumExp_HQ) Merge(Tensor q_QHK, PlacedPlan plan, Func<PlacedCall, AttentionPart> run)
    {
        if (plan.IsOneCall)
        {
            var only = run(plan.OwnCalls[0]);
            return (only.Out_THK, only.LogSumExp_HT);
        }

        var merged = new MergedOutput(q_QHK, plan);
        foreach (var call in plan.OwnCalls)
        {
            merged.Put(run(call), call);
        }

        foreach (var call in plan.PathCalls)
        {
            merged.Add(run(call), call);
        }

        return (merged.Finish(), merged.LogSumExp_HN);
    }
}
