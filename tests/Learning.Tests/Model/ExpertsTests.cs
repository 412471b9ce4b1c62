using Forge.Learning.Model;
using Forge.Learning.Model.Mixture;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model;

public sealed class ExpertsTests
{
    [Fact]
    public void MixExperts_equals_one_token_and_expert_at_a_time_with_gradients()
    {
        using var scope = NewDisposeScope();
        var (x, routing, w1, w2, w3) = Inputs([[0, 3], [3, 4], [0, 4], [0, 3], [3, 4]]);

        var mixed = new ModelKernels().MixExperts(x, routing, w1, w2, w3);

        var expected = OneByOne(x, routing, w1, w2, w3);
        Assert.True(TinyModel.MaxDifference(mixed, expected) < 1e-13);
        Tensor[] inputs = [x, routing.Weights_NC, w1, w2, w3];
        var actualGradients = autograd.grad([mixed.sin().sum()], inputs);
        var expectedGradients = autograd.grad([expected.sin().sum()], inputs);
        Assert.All(
            actualGradients.Zip(expectedGradients), pair => Assert.True(TinyModel.MaxDifference(pair.First, pair.Second) < 1e-12));
    }

    [Fact]
    public void MixExperts_gives_unused_experts_zero_gradient()
    {
        using var scope = NewDisposeScope();
        var (x, routing, w1, w2, w3) = Inputs([[0, 3], [3, 4]]);

        var gradient = autograd.grad([new ModelKernels().MixExperts(x, routing, w1, w2, w3).sum()], [w1])[0];

        Assert.Equal(0, gradient[1].abs().max().ToDouble());
        Assert.NotEqual(0, gradient[3].abs().max().ToDouble());
    }

    [Fact]
    public void MixExperts_in_bf16_is_near_float64_with_gradients()
    {
        using var scope = NewDisposeScope();
        Tensor Random(int seed, params long[] shape) => TinyModel.Random(seed, shape).mul(0.5).to_type(ScalarType.BFloat16);
        Tensor[] narrow = [Random(1, 200, 64), Random(2, 5, 48, 64), Random(3, 5, 64, 48), Random(4, 5, 48, 64)];
        var wide = narrow.Select(tensor => tensor.to_type(ScalarType.Float64).requires_grad_()).ToArray();
        var ids = arange(400, dtype: ScalarType.Int64, device: TinyModel.Device).remainder(3).view(200, 2);
        var weights = TinyModel.Random(5, 200, 2).abs().to_type(ScalarType.Float32);
        Array.ForEach(narrow, tensor => tensor.requires_grad_());

        var (actual, actualGradients) = MixAndGradients(narrow, ids, weights);
        var (expected, expectedGradients) = MixAndGradients(wide, ids, weights.to_type(ScalarType.Float64));

        Assert.True(Relative(actual, expected) < 0.02);
        Assert.All(actualGradients.Zip(expectedGradients), pair => Assert.True(Relative(pair.First, pair.Second) < 0.02));
        Assert.Equal(ScalarType.BFloat16, actual.dtype);
    }

    private static (Tensor Mixed, IList<Tensor> Gradients) MixAndGradients(Tensor[] inputs, Tensor ids, Tensor weights)
    {
        var mixed = new ModelKernels().MixExperts(inputs[0], new Routing(weights, ids, weights), inputs[1], inputs[2], inputs[3]);
        return (mixed, autograd.grad([mixed.to_type(ScalarType.Float64).sum()], inputs));
    }

    private static double Relative(Tensor actual, Tensor expected)
        => actual.to_type(ScalarType.Float64).sub(expected).abs().mean().ToDouble() / expected.abs().mean().ToDouble();

    private static (Tensor X, Routing Routing, Tensor W1, Tensor W2, Tensor W3) Inputs(long[][] choices)
    {
        Tensor Random(int seed, params long[] shape) => TinyModel.Random(seed, shape).requires_grad_();
        var ids = tensor(choices.SelectMany(row => row).ToArray(), device: TinyModel.Device).view(choices.Length, 2);
        var routing = new Routing(zeros([choices.Length, 5], device: TinyModel.Device), ids, Random(1, choices.Length, 2));
        return (Random(2, choices.Length, 8), routing, Random(3, 5, 6, 8), Random(4, 5, 8, 6), Random(5, 5, 6, 8));
    }

    private static Tensor OneByOne(Tensor x, Routing routing, Tensor w1, Tensor w2, Tensor w3)
    {
        var rows = Enumerable.Range(0, (int)x.shape[0]).Select(row => Enumerable.Range(0, 2).Select(choice =>
        {
            var expert = routing.Choices_NC[row, choice].ToInt64();
            var gate = w1[expert].matmul(x[row]);
            var inner = gate.mul(gate.sigmoid()).mul(w3[expert].matmul(x[row]));
            return w2[expert].matmul(inner).mul(routing.Weights_NC[row, choice]);
        }).Aggregate((sum, part) => sum.add(part)));
        return stack(rows, 0);
    }
}
