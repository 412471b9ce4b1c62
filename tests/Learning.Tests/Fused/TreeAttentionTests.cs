// N rows, D model, H query heads, G key/value heads, K head dim
using Forge.Learning.Fused;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Fused;

/// <summary>The attention block on prefix trees (query q sees key k iff k ≤ q &lt; end(k)) against a dense mask.</summary>
public sealed class TreeAttentionTests
{
    private const int Heads = 4, KeyValueHeads = 2, HeadDim = 10, Hidden = 18;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Block_on_random_forests_equals_a_dense_mask(int seed)
    {
        var random = new Random(seed);
        var (starts, ends) = RandomForest.Create(random, trees: 4, largest: 170);

        AssertEqualsDenseMask(random, starts, ends);
    }

    [Fact]
    public void Block_on_a_tree_that_several_tasks_share_equals_a_dense_mask()
    {
        var random = new Random(4);
        var (starts, ends) = RandomForest.Create(random, trees: 2, largest: 1600, smallest: 1500);

        AssertEqualsDenseMask(random, starts, ends);
    }

    [Fact]
    public void Results_on_a_large_tree_are_bitwise_equal_for_any_number_of_threads()
    {
        var threads = get_num_threads();
        var (starts, ends) = RandomForest.Create(new Random(5), trees: 3, largest: 1300, smallest: 1100);
        try
        {
            var single = Results(1);
            foreach (var count in new[] { 2, 3, 7 })
            {
                Assert.Equal(single, Results(count));
            }
        }
        finally
        {
            set_num_threads(threads);
        }

        List<double> Results(int count)
        {
            set_num_threads(count);
            using var scope = NewDisposeScope();
            var (leaves, output, _) = Run(new Random(6), ScalarType.Float32, starts, ends);
            return [.. TinyModel.Values(output), .. leaves.SelectMany(leaf => TinyModel.Values(leaf.grad!))];
        }
    }

    [Fact]
    public void Model_forward_on_a_forest_is_bitwise_that_of_every_path()
    {
        using var pair = new KernelPair(TinyModel.Config, ScalarType.Float32, seed: 7);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var (starts, ends) = RandomForest.Create(new Random(8), trees: 3, largest: 400, smallest: 300);
        var ids = TinyModel.Ids(starts[^1]);
        var paths = Enumerable.Range(0, starts[^1]).Select(row => RandomForest.Path(starts, ends, row)).ToList();
        var positions_N = tensor(paths.Select(path => path.Length - 1L).ToArray(), dtype: ScalarType.Int64);
        var ids_N = tensor(ids.Select(id => (long)id).ToArray(), dtype: ScalarType.Int64);

        var merged_ND = pair.Fused.Forward(new ModelInput(ids_N, positions_N, new PrefixTrees([.. starts], [.. ends])));

        foreach (var path in paths.Where((path, row) => ends[row] == row + 1))
        {
            var alone_ND = pair.Fused.Forward(ModelInput.Pack([[.. path.Select(row => ids[row])]], CPU));
            Assert.Equal(TinyModel.Values(alone_ND[-1]), TinyModel.Values(merged_ND[path[^1]]));
        }
    }

    [Fact]
    public void Block_names_a_row_that_outlives_its_parent()
    {
        using var scope = NewDisposeScope();

        var error = Assert.ThrowsAny<Exception>(() => Run(new Random(9), ScalarType.Float32, [0, 4], [4, 3, 4, 4]));

        Assert.Contains("Row 2 has key end 4; it must lie after the row and at most at its parent's key end 3.", error.Message, StringComparison.Ordinal);
    }

    private static void AssertEqualsDenseMask(Random random, int[] starts, int[] ends)
    {
        using var scope = NewDisposeScope();
        var (leaves, own, differentiate) = Run(random, ScalarType.Float64, starts, ends);
        var gradients = leaves.Select(leaf => leaf.grad!.clone()).ToList();
        Array.ForEach(leaves, leaf => leaf.grad = null);
        var expected = differentiate();

        KernelPair.AssertClose("output", expected, own, 1e-11);
        foreach (var (leaf, gradient) in leaves.Zip(gradients))
        {
            KernelPair.AssertClose("gradient", leaf.grad!, gradient, 1e-10);
        }
    }

    // The block's output and the gradients that it leaves in its inputs, and the same by a dense mask on demand.
    private static (Tensor[] Leaves, Tensor Output, Func<Tensor> Dense) Run(Random random, ScalarType dtype, int[] starts, int[] ends)
    {
        var rows = starts[^1];
        Tensor Leaf(params long[] shape) => KernelPair.Random(random, dtype, shape).requires_grad_(true);
        Tensor[] leaves =
        [
            Leaf(rows, Hidden), Leaf(Hidden), Leaf(Heads * HeadDim, Hidden), Leaf(KeyValueHeads * HeadDim, Hidden),
            Leaf(KeyValueHeads * HeadDim, Hidden), Leaf(Heads * HeadDim), Leaf(KeyValueHeads * HeadDim), Leaf(Hidden, Heads * HeadDim),
        ];
        var angles_NR = KernelPair.Random(random, dtype, rows, 3);
        var geometry = new AttentionGeometry(Heads, KeyValueHeads, HeadDim, 1e-6, starts) { KeyEnd = ends, IsTracked = true };
        var slope_ND = KernelPair.Random(random, dtype, rows, Hidden);

        var output = AttentionBlockFunction.apply([.. leaves, angles_NR.cos(), angles_NR.sin(), geometry])[0];
        output.backward([slope_ND]);
        return (leaves, output, DifferentiateDense);

        Tensor DifferentiateDense()
        {
            var expected = Dense(leaves, angles_NR, starts, ends);
            expected.backward([slope_ND]);
            return expected;
        }
    }

    private static Tensor Dense(Tensor[] leaves, Tensor angles_NR, int[] starts, int[] ends)
    {
        var (x_ND, rows) = (leaves[0], leaves[0].shape[0]);
        var normed_ND = Norm(x_ND, leaves[1]);
        var q_HNK = Turn(Norm(normed_ND.matmul(leaves[2].t()), leaves[5]).view(rows, Heads, HeadDim), angles_NR).transpose(0, 1);
        var k_GNK = Turn(Norm(normed_ND.matmul(leaves[3].t()), leaves[6]).view(rows, KeyValueHeads, HeadDim), angles_NR).transpose(0, 1);
        var v_GNK = normed_ND.matmul(leaves[4].t()).view(rows, KeyValueHeads, HeadDim).transpose(0, 1);
        var outputs = Enumerable.Range(0, Heads).Select(head =>
        {
            var group = head * KeyValueHeads / Heads;
            var scores_NN = q_HNK[head].matmul(k_GNK[group].t()).div(Math.Sqrt(HeadDim)).masked_fill(Hidden_NN(starts, ends), double.NegativeInfinity);
            return scores_NN.softmax(-1).matmul(v_GNK[group]);
        });
        return x_ND.add(cat([.. outputs], -1).matmul(leaves[7].t()));
    }

    private static Tensor Norm(Tensor x_NX, Tensor weight_X)
        => x_NX.mul(x_NX.pow(2).mean([-1L], keepdim: true).add(1e-6).rsqrt()).mul(weight_X);

    private static Tensor Turn(Tensor x_NHK, Tensor angles_NR)
    {
        var (cosine, sine) = (angles_NR.cos().unsqueeze(1), angles_NR.sin().unsqueeze(1));
        var parts = x_NHK.split([3, 3, HeadDim - 6], -1);
        return cat([parts[0].mul(cosine).sub(parts[1].mul(sine)), parts[1].mul(cosine).add(parts[0].mul(sine)), parts[2]], -1);
    }

    private static Tensor Hidden_NN(int[] starts, int[] ends)
    {
        var rows = starts[^1];
        var hidden = new bool[rows * rows];
        for (var query = 0; query < rows; query++)
        {
            for (var key = 0; key < rows; key++)
            {
                hidden[(query * rows) + key] = !(key <= query && query < ends[key]);
            }
        }

        return tensor(hidden, dtype: ScalarType.Bool).view(rows, rows);
    }
}
