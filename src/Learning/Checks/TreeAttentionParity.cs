// N rows, H query heads, G key/value heads, K head dim, X = H·K
using Forge.Learning.Bench;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Attention.Levels;
using Forge.Learning.Model.Attention.Levels.Planning;
using Forge.Learning.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Checks;

/// <summary>
/// Compares attention over a prefix tree by a device's bf16 kernels with fp64 under a dense mask: output and gradients, by the relative
/// error in the Frobenius norm.
/// </summary>
public static class TreeAttentionParity
{
    // Rounding of bf16 alone gives 2 to 3 · 10⁻³, on sequences as well.
    private const double Tolerance = 1e-2;

    private const int Heads = 4, KeyValueHeads = 2, HeadDim = 128;

    // Large enough for the dense kernel, with odd lengths and nodes of one row.
    private static readonly TreeSketch Tree = new(
        4500, [new(1), new(1500), new(600, [new(200), new(1), new(1, [new(300), new(7)])]), new(2050)]);

    /// <summary>Which kernels were tried and are not used, and why.</summary>
    public static IReadOnlyCollection<string> Refusals => UsableKernels.Refusals;

    /// <summary>One row per kernel, plan and tensor; none where the device has no such kernel.</summary>
    /// <param name="device">A CUDA device.</param>
    public static IReadOnlyList<ParityRow> Run(Device device)
    {
        using var scope = NewDisposeScope();
        var forest = new ForestRows(Tree.KeyEnds());
        Tensor Random(params long[] shape) => randn(shape, dtype: ScalarType.Float64, device: device).to_type(ScalarType.BFloat16);
        Tensor[] inputs =
        [
            Random(forest.RowCount, Heads, HeadDim), Random(forest.RowCount, KeyValueHeads, HeadDim), Random(forest.RowCount, KeyValueHeads, HeadDim),
        ];
        if (UsableKernels.For(inputs[0], inputs[1]) is not { } usable)
        {
            return [];
        }

        var slope_NX = Random(forest.RowCount, Heads * HeadDim);
        var expected = Evaluate(
            [.. inputs.Select(Exact)], Exact(slope_NX), (q, k, v) => BlockAttention.Tree(q, k, v, Ends(forest, device), 0, 1 / Math.Sqrt(HeadDim)));
        var rows = new List<ParityRow>();
        foreach (var (name, kernels) in Kernels(usable))
        {
            foreach (var rule in Enum.GetValues<ClosingRule>())
            {
                var plan = LevelAttention.Plan(forest, kernels, inputs[0], inputs[1], rule);
                var calls = new LevelCalls(plan, kernels, 1 / Math.Sqrt(HeadDim));
                var actual = Evaluate(inputs, slope_NX, (q, k, v) => LevelAttention.Attend(calls, q, k, v));
                rows.AddRange(actual.Zip(expected, ["out", "dq", "dk", "dv"]).Select(part => new ParityRow(
                    $"{name}.{rule.ToString().ToLowerInvariant()}.{part.Third}", Difference(part.First, part.Second), Tolerance)));
            }
        }

        return rows;
    }

    private static IEnumerable<(string Name, LevelKernels Kernels)> Kernels(LevelKernels usable)
        => usable.Dense is null ? [("flash", usable)] : [("flash", usable with { Dense = null }), ("cudnn", usable)];

    private static Tensor[] Evaluate(Tensor[] inputs, Tensor slope_NX, Func<Tensor, Tensor, Tensor, Tensor> attend)
    {
        using var graph = enable_grad();
        Tensor[] leaves = [.. inputs.Select(input => input.detach().requires_grad_())];
        var out_NX = attend(leaves[0], leaves[1], leaves[2]);
        return [out_NX.detach(), .. autograd.grad([out_NX], leaves, [slope_NX])];
    }

    private static double Difference(Tensor actual, Tensor expected)
        => (Exact(actual).sub(expected).norm() / expected.norm()).ToDouble();

    private static Tensor Exact(Tensor value) => value.to_type(ScalarType.Float64);

    private static Tensor Ends(ForestRows forest, Device device)
        => IndexTensor.Of(forest.KeyEnd, device);
}
