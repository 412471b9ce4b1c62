using TorchSharp;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Operators;

public sealed class ValueTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Arithmetic_broadcasts_over_leading_dimensions()
        => Expect([11, 22, 33, 14, 25, 36], Matrix() + tensor([10f, 20f, 30f]));

    [Fact]
    public void Arithmetic_takes_numbers_on_either_side()
    {
        var x = tensor([1f, 2f, 4f]);

        Expect([9, 8, 6], 10 - x);
        Expect([8, 4, 2], 8.0 / x);
        Expect([2, 4, 8], 2 * x);
        Expect([0.5, 1, 2], x / 2);
        Expect([-1, -2, -4], -x);
        Expect([1, 0, 0], x % 2 * tensor([1f, 1f, 1f]));
    }

    [Fact]
    public void Reductions_follow_their_dimensions()
    {
        Expect([6, 15], Matrix().sum(1));
        Expect([5, 7, 9], Matrix().sum(dim: 0));
        Expect([2, 5], Matrix().mean([1]));
        Expect([1, 1], Matrix().var(1));
        Expect([6], Matrix().max());
        Expect([4, 5, 6], Matrix().max(0).Item1);
        Expect([2, 2], Matrix().argmax(1));
        Expect([Math.Log(Math.Exp(1) + Math.Exp(2) + Math.Exp(3))], Matrix()[0].logsumexp(0));
        Assert.Equal([2, 1], Matrix().sum(1, keepdim: true).shape);
    }

    [Fact]
    public void Softmax_and_its_logarithm_agree()
    {
        var probabilities = Matrix().softmax(-1);

        Expect([0.0900306, 0.2447285, 0.6652410], probabilities[0]);
        Assert.True(probabilities.log().allclose(Matrix().log_softmax(-1)));
    }

    [Fact]
    public void Selection_gathers_scatters_and_masks()
    {
        Expect([3, 4], Matrix().gather(1, tensor([2L, 0L]).unsqueeze(1)).squeeze(1));
        Expect([1, 3, 4, 6], Matrix().index_select(1, tensor([0L, 2L])));
        Expect([0, 0, 3, 4, 5, 6], Matrix().masked_fill(Matrix() < 3, 0));
        Expect([4, 2], zeros(2).index_add(0, tensor([0L, 1L, 0L]), tensor([1f, 2f, 3f]), 1));
        Expect([3, 0, 1], zeros(3).scatter_add(0, tensor([0L, 2L, 0L]), tensor([1f, 1f, 2f])));
        Expect([1, -1], where(tensor([true, false]), tensor([1f, 2f]), tensor([-1f, -1f])));
        Expect([1, 0, 2], tensor([0L, 2L, 2L]).bincount(null));
    }

    [Fact]
    public void Order_gives_values_and_places()
    {
        var (values, places) = tensor([3f, 1f, 2f]).topk(2);
        var (sorted, order) = tensor([3f, 1f, 2f]).sort();

        Expect([3, 2], values);
        Expect([0, 2], places);
        Expect([1, 2, 3], sorted);
        Expect([1, 2, 0], order);
    }

    [Fact]
    public void Products_match_sums_of_products()
    {
        var left = Matrix();
        var right = Matrix().t();

        Expect([14, 32, 32, 77], left.matmul(right));
        Expect([14, 32, 32, 77], einsum("ij,kj->ik", left, left));
        Expect([15, 33, 33, 78], ones(2, 2).addmm(left, right));
        Expect([14, 32, 32, 77], left.unsqueeze(0).bmm(right.unsqueeze(0)));
    }

    [Fact]
    public void Joining_and_splitting_are_inverse()
    {
        var parts = Matrix().split([1, 2], dim: 1);

        Assert.Equal([2, 2], parts[1].shape);
        Assert.True(cat(parts, 1).Equals(Matrix()));
        Assert.Equal([2, 2, 3], stack([Matrix(), Matrix()]).shape);
        Assert.Equal(3, Matrix().unbind(1).Length);
    }

    [Fact]
    public void Shapes_change_without_moving_values()
    {
        Assert.Equal([3, 2], Matrix().transpose(0, 1).shape);
        Assert.False(Matrix().transpose(0, 1).is_contiguous());
        Assert.Equal([1, 2, 3, 1], Matrix().unsqueeze(0).unsqueeze(-1).shape);
        Assert.Equal([4, 2, 3], Matrix().expand(4, -1, -1).shape);
        Expect([1, 4, 2, 5, 3, 6], Matrix().t().contiguous());
        Expect([1, 1, 2, 2, 2], tensor([1f, 2f]).repeat_interleave(tensor([2L, 3L])));
    }

    [Fact]
    public void Index_reads_like_python()
    {
        Expect([4, 5, 6], Matrix()[1]);
        Expect([6], Matrix()[1, 2]);
        Expect([2, 3, 5, 6], Matrix()[TensorIndex.Colon, TensorIndex.Slice(1)]);
        Expect([3, 6], Matrix()[TensorIndex.Ellipsis, -1]);
        Expect([1, 3], Matrix()[0, TensorIndex.Slice(0, null, 2)]);
        Expect([6, 4], Matrix()[TensorIndex.Single(1), TensorIndex.Tensor(tensor([2L, 0L]))]);
        Expect([5, 6], Matrix()[Matrix() > 4]);
        Assert.Equal([2, 1, 3], Matrix()[TensorIndex.Colon, TensorIndex.None].shape);
    }

    [Fact]
    public void Index_writes_through_to_the_tensor()
    {
        var x = Matrix();

        x[0, 1] = 20;
        x[TensorIndex.Colon, TensorIndex.Single(2)] = tensor([30f, 60f]);
        x[x == 4] = tensor(-4f);

        Expect([1, 20, 30, -4, 5, 60], x);
    }

    [Fact]
    public void In_place_operators_return_their_tensor()
    {
        var x = tensor([1f, 4f]);

        Assert.Same(x, x.mul_(2).add_(tensor([1f, 1f]), 3).sqrt_());
        Expect([Math.Sqrt(5), Math.Sqrt(11)], x);
        Expect([6, 6], zeros(2).addcmul_(tensor([1f, 1f]), tensor([2f, 2f]), 3));
        Expect([1.5, 1.5], zeros(2).addcdiv_(tensor([1f, 1f]), tensor([2f, 2f]), 3));
        Expect([0.25, 0.25], zeros(2).lerp_(ones(2), tensor(0.25f)));
    }

    [Fact]
    public void Losses_match_their_definitions()
    {
        var logits = tensor([1.0, 2.0, 3.0]).unsqueeze(0);

        Expect([-0.0 + Math.Log(Math.Exp(-2) + Math.Exp(-1) + 1)], nn.functional.cross_entropy(logits, tensor([2L])));
        Expect([2.5], nn.functional.mse_loss(tensor([1f, 2f]), tensor([2f, 4f])));
        Expect([1 / (1 + Math.Exp(-1.0))], nn.functional.silu(tensor(1.0)));
    }

    [Fact]
    public void Attention_is_a_softmax_average_of_values()
    {
        var query = randn(1, 2, 5, 4, float64);
        var key = randn(1, 2, 5, 4, float64);
        var value = randn(1, 2, 5, 4, float64);
        var scores = query.matmul(key.transpose(-2, -1)) / 2;
        var causal = scores.masked_fill(ones([5, 5], @bool).tril().logical_not(), double.NegativeInfinity);

        var result = nn.functional.scaled_dot_product_attention(query, key, value, is_casual: true);

        Assert.True(result.allclose(causal.softmax(-1).matmul(value)));
    }

    private static Tensor Matrix() => tensor([1f, 2f, 3f, 4f, 5f, 6f]).reshape(2, 3);

    private static void Expect(double[] expected, Tensor actual)
    {
        var values = actual.to(float64).contiguous().flatten().data<double>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], values[i], 5e-6);
        }
    }
}
