// N rows, D model, H query heads, G key/value heads, K head dim
using Forge.Learning.Fused;
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
        var (starts, ends) = Forest(random, trees: 4);
        var rows = starts[^1];
        using var scope = NewDisposeScope();
        Tensor Leaf(params long[] shape) => KernelPair.Random(random, ScalarType.Float64, shape).requires_grad_(true);
        Tensor[] leaves =
        [
            Leaf(rows, Hidden), Leaf(Hidden), Leaf(Heads * HeadDim, Hidden), Leaf(KeyValueHeads * HeadDim, Hidden),
            Leaf(KeyValueHeads * HeadDim, Hidden), Leaf(Heads * HeadDim), Leaf(KeyValueHeads * HeadDim), Leaf(Hidden, Heads * HeadDim),
        ];
        var angles_NR = KernelPair.Random(random, ScalarType.Float64, rows, 3);
        var geometry = new AttentionGeometry(Heads, KeyValueHeads, HeadDim, 1e-6, starts) { KeyEnd = ends, IsTracked = true };
        var slope_ND = KernelPair.Random(random, ScalarType.Float64, rows, Hidden);

        var own = AttentionBlockFunction.apply([.. leaves, angles_NR.cos(), angles_NR.sin(), geometry]);
        own.backward([slope_ND]);
        var gradients = leaves.Select(leaf => leaf.grad!.clone()).ToList();
        Array.ForEach(leaves, leaf => leaf.grad = null);
        var expected = Dense(leaves, angles_NR, starts, ends);
        expected.backward([slope_ND]);

        KernelPair.AssertClose("output", expected, own, 1e-11);
        foreach (var (leaf, gradient) in leaves.Zip(gradients))
        {
            KernelPair.AssertClose("gradient", leaf.grad!, gradient, 1e-10);
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

    // Preorder: each next row hangs below a random row of the current path, so end(k) is where k's path is left.
    private static (int[] Starts, int[] Ends) Forest(Random random, int trees)
    {
        var (starts, ends) = (new List<int> { 0 }, new List<int>());
        for (var tree = 0; tree < trees; tree++)
        {
            var size = tree == 0 ? 1 : random.Next(2, 170);
            var path = new Stack<int>();
            for (var row = starts[^1]; row < starts[^1] + size; row++)
            {
                for (var leave = random.Next(12) == 0 ? random.Next(1, 30) : 0; leave > 0 && path.Count > 1; leave--)
                {
                    ends[path.Pop()] = row;
                }

                path.Push(row);
                ends.Add(starts[^1] + size);
            }

            starts.Add(starts[^1] + size);
        }

        return ([.. starts], [.. ends]);
    }
}
