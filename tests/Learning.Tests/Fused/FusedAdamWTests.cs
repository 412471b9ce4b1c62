using Forge.Learning.Fused;
using Forge.Learning.Optim;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Forge.Learning.Tests.Fused;

public sealed class FusedAdamWTests
{
    [Fact]
    public void Step_equals_the_reference_over_many_updates_of_odd_sizes()
    {
        using var scope = NewDisposeScope();
        var random = new Random(1);
        long[][] shapes = [[7], [33, 5], [40_000], [1]];
        var start = shapes.Select(shape => KernelPair.Random(random, ScalarType.Float32, shape)).ToList();
        var (own, expected) = (Parameters(start), Parameters(start));
        var options = new AdamWOptions { WeightDecay = 0.1 };
        using var fused = new AdamW(own, options, new FusedAdamW());
        using var reference = new AdamW(expected, options, new AdamWKernel());

        for (var step = 0; step < 20; step++)
        {
            foreach (var (mine, other) in own.Zip(expected))
            {
                // The third parameter gets tiny gradients: the second moment must keep them.
                var gradient = KernelPair.Random(random, ScalarType.Float32, mine.Value.shape).mul(mine.Name == "2" ? 1e-14 : 1.0);
                (mine.Value.grad, other.Value.grad) = (gradient, gradient);
            }

            fused.Step(1e-2);
            reference.Step(1e-2);
        }

        foreach (var (mine, other) in own.Zip(expected))
        {
            KernelPair.AssertClose(mine.Name, other.Value, mine.Value, 1e-5);
        }
    }

    [Fact]
    public void Step_of_other_precisions_goes_to_the_reference()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(ones([3], dtype: ScalarType.Float64), requires_grad: true);
        using var optimizer = new AdamW([("p", parameter)], new AdamWOptions { WeightDecay = 0 }, new FusedAdamW());
        parameter.grad = ones([3], dtype: ScalarType.Float64);

        optimizer.Step(0.25);

        Assert.Equal([0.75, 0.75, 0.75], TinyModel.Values(parameter), (left, right) => Math.Abs(left - right) < 1e-12);
    }

    private static List<(string Name, Parameter Value)> Parameters(List<Tensor> start)
        => [.. start.Select((values, index) => ($"{index}", new Parameter(values.clone(), requires_grad: true)))];
}
