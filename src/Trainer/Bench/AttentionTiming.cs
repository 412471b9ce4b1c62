// N rows, D model, H query heads, G key/value heads, K head dim

using Forge.Core.Packing;
using Forge.Learning.Fused;
using Forge.Learning.Model.Attention;
using Forge.Learning.Torch;
using Forge.Trainer.Steps;
using static TorchSharp.torch;

namespace Forge.Trainer.Bench;

/// <summary>Measures the attention of one layer, forward and backward, apart from the rest of the model.</summary>
internal sealed class AttentionTiming(BenchPolicy policy, TimeProvider time)
{
    // Forward 2 products of 2 operations a pair and channel; backward 4, and the scores once more: 3.5 × forward.
    private const double OperationsPerPairAndChannel = 14;

    private const int Runs = 5;

    /// <summary>Useful operations per second in 10¹²: pairs that see each other, whatever the kernel computes beside them.</summary>
    public double Tflops(IEnumerable<PackedBatch> batches)
    {
        var (operations, seconds) = (0.0, 0.0);
        foreach (var batch in batches)
        {
            using var scope = NewDisposeScope();
            operations += OperationsPerPairAndChannel * policy.Model.Config.QueryWidth * batch.Positions.Sum(position => position + 1L);
            seconds += policy.Model.Kernels is FusedKernels ? InsideBlock(batch) : Alone(batch);
        }

        return operations / seconds / 1e12;
    }

    private double Alone(PackedBatch batch)
    {
        var (config, layout) = (policy.Model.Config, BatchScorer.Layout(batch));
        var q_NHK = Random(batch.TokenCount, config.NumAttentionHeads, config.HeadDim);
        var k_NGK = Random(batch.TokenCount, config.NumKeyValueHeads, config.HeadDim);
        var v_NGK = Random(batch.TokenCount, config.NumKeyValueHeads, config.HeadDim);
        var gradient_ND = Random(batch.TokenCount, config.QueryWidth).detach();
        return Median(() =>
        {
            var output_ND = policy.Model.Kernels.Attend(0, q_NHK, k_NGK, v_NGK, layout, 1 / Math.Sqrt(config.HeadDim));
            autograd.grad([output_ND], [q_NHK, k_NGK, v_NGK], [gradient_ND]);
        });
    }

    // The fused kernel computes norms and projections too: they are what the same rows cost when each sees only itself.
    private double InsideBlock(PackedBatch batch)
    {
        var x_ND = Random(batch.TokenCount, policy.Model.Config.HiddenSize);
        var positions_N = IndexTensor.Of(batch.Positions, policy.Model.Placement.Device);
        var angles = policy.Model.Backbone.Rotary.Angles(positions_N);
        var alone = PackedSequences.FromLengths(Enumerable.Repeat(1, batch.TokenCount));
        return Block(BatchScorer.Layout(batch)) - Block(alone);

        double Block(AttentionLayout layout) => Median(
            () => autograd.grad([policy.Model.Kernels.AttentionBlock(policy.Model.Layers[0], x_ND, angles, layout).sum()], [x_ND]));
    }

    private Tensor Random(params long[] shape)
        => randn(shape, dtype: policy.Model.Placement.Dtype, device: policy.Model.Placement.Device).requires_grad_();

    private double Median(Action pass)
    {
        var seconds = new List<double>();
        for (var run = 0; run <= Runs; run++)
        {
            using var scope = NewDisposeScope();
            policy.Synchronize();
            var start = time.GetTimestamp();
            pass();
            policy.Synchronize();
            seconds.Add(time.GetElapsedTime(start).TotalSeconds);
        }

        return Medians.Of(seconds.Skip(1));
    }
}
