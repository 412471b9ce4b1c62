// N rows, H query heads, G key/value heads, K head dim
using Forge.Learning.Model.Attention.Levels;
using Forge.Learning.Model.Attention.Levels.Planning;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Bench;

/// <summary>
/// Measures one layer's attention over prefix trees, forward and backward, by every kernel that the device has and every rule of planning.
/// </summary>
/// <remarks>On the CPU it is the kernels' reference in plain operations, on reduced trees: a check of the plans rather than of speed.</remarks>
public sealed class AttentionBench
{
    /// <summary>cpu or a CUDA device.</summary>
    public required Device Device { get; init; }

    /// <summary>Channels per head.</summary>
    public int HeadDim { get; init; } = 128;

    /// <summary>All lengths are divided by this.</summary>
    public int Reduction { get; init; } = 1;

    /// <summary>Measured runs, of which the median counts; one more warms up.</summary>
    public int Runs { get; init; } = 7;

    private bool IsCuda => Device.type == DeviceType.CUDA;

    /// <summary>Measures tree after tree; a device without the kernels gives no row.</summary>
    public IEnumerable<AttentionBenchRow> Run(TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        foreach (var tree in AttentionTree.Published)
        {
            using var scope = NewDisposeScope();
            var forest = new ForestRows(tree.Tree.Reduced(Reduction).KeyEnds());
            var inputs = Inputs(tree, forest.RowCount);
            foreach (var (name, kernels) in Kernels(inputs))
            {
                foreach (var rule in Enum.GetValues<ClosingRule>())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return Measure(tree, name, kernels, rule, forest, inputs, time);
                }
            }
        }
    }

    private IEnumerable<(string Name, LevelKernels Kernels)> Kernels(Tensor[] inputs)
    {
        if (!IsCuda)
        {
            yield return ("reference", new LevelKernels(new ReferenceKernel(), null));
        }
        else if (UsableKernels.For(inputs[0], inputs[1]) is { } usable)
        {
            yield return ("flash", usable with { Dense = null });
            if (usable.Dense is not null)
            {
                yield return ("flash+cudnn", usable);
            }
        }
    }

    private AttentionBenchRow Measure(
        AttentionTree tree, string name, LevelKernels kernels, ClosingRule rule, ForestRows forest, Tensor[] inputs, TimeProvider time)
    {
        var plan = LevelAttention.Plan(forest, kernels, inputs[0], inputs[1], rule);
        var calls = new LevelCalls(plan, kernels, 1 / Math.Sqrt(HeadDim));
        var forward = Seconds(time, () =>
        {
            using var frozen = no_grad();
            LevelAttention.Attend(calls, inputs[0], inputs[1], inputs[2]);
        });
        var both = Seconds(time, () =>
        {
            var out_NX = LevelAttention.Attend(calls, inputs[0], inputs[1], inputs[2]);
            autograd.grad([out_NX], [.. inputs.Take(3)], [inputs[3]]);
        });
        var work = 4.0 * tree.Heads * HeadDim * forest.KeyEnd.Select((end, row) => (long)end - row).Sum() / 1e12;
        return new AttentionBenchRow(
            tree.Name, name, rule.ToString().ToLowerInvariant(), forest.RowCount, plan.Plan.CallCount,
            plan.Plan.OwnCalls.Concat(plan.Plan.PathCalls).Sum(call => call.KeyRows.Length),
            1000 * forward, 1000 * both, work / forward, 3.5 * work / both);
    }

    private double Seconds(TimeProvider time, Action body)
    {
        var seconds = new List<double>();
        for (var run = 0; run <= Runs; run++)
        {
            using var scope = NewDisposeScope();
            Synchronize();
            var start = time.GetTimestamp();
            body();
            Synchronize();
            seconds.Add(time.GetElapsedTime(start).TotalSeconds);
        }

        return seconds.Skip(1).Order().ElementAt(Runs / 2);
    }

    private void Synchronize()
    {
        if (IsCuda)
        {
            cuda.synchronize(Device);
        }
    }

    // Queries, keys, values, and the gradient of the output.
    private Tensor[] Inputs(AttentionTree tree, int rows)
    {
        var dtype = IsCuda ? ScalarType.BFloat16 : ScalarType.Float32;
        Tensor Random(params long[] shape) => randn(shape, device: Device).to_type(dtype);
        return
        [
            Random(rows, tree.Heads, HeadDim).requires_grad_(), Random(rows, tree.KeyValueHeads, HeadDim).requires_grad_(),
            Random(rows, tree.KeyValueHeads, HeadDim).requires_grad_(), Random(rows, tree.Heads * HeadDim),
        ];
    }
}
