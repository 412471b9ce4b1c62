using Forge.Learning.Fused;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Fused;

/// <summary>Two models of the same weights on the CPU: one computes by the fused kernels, one by the reference.</summary>
internal sealed class KernelPair : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public KernelPair(M2Config config, ScalarType dtype, int seed)
    {
        var placement = new ModelPlacement(CPU, dtype);
        Fused = new MiniMaxM2ForCausalLM(config, placement, new FusedKernels());
        Reference = new MiniMaxM2ForCausalLM(config, placement, new ModelKernels());
        var random = new Random(seed);
        using var frozen = no_grad();
        foreach (var (own, other) in Fused.Weights().Zip(Reference.Weights()))
        {
            // Norms and selection biases too: every weight must matter, and matter differently per channel.
            var center = own.Value.dim() == 1 && own.IsTrained ? 1.0 : 0.0;
            using var values = Random(random, dtype, own.Value.shape).mul(0.3).add(center);
            own.Value.copy_(values);
            other.Value.copy_(values);
        }
    }

    public MiniMaxM2ForCausalLM Fused { get; }

    public MiniMaxM2ForCausalLM Reference { get; }

    /// <summary>Random lengths, of which about a third are 1.</summary>
    public static PackedSequences RandomLayout(Random random, int sequences)
        => PackedSequences.FromLengths(
            Enumerable.Range(0, sequences).Select(_ => random.Next(3) == 0 ? 1 : random.Next(1, random.Next(3) == 0 ? 150 : 40)));

    public static Tensor Random(Random random, ScalarType dtype, params long[] shape)
    {
        var values = new double[shape.Aggregate(1L, (product, size) => product * size)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (2 * random.NextDouble()) - 1;
        }

        return tensor(values, dtype: ScalarType.Float64).view(shape).to_type(dtype);
    }

    /// <summary>
    /// Runs the same computation on both models from the same input and output gradient; compares output, the input's gradient and every
    /// parameter's gradient, each by its largest difference in units of the reference's largest value.
    /// </summary>
    public void Compare(Func<MiniMaxM2ForCausalLM, Tensor, Tensor> body, Tensor input, Random random, double tolerance)
    {
        var (own, ownInput) = Run(Fused, body, input);
        var (expected, expectedInput) = Run(Reference, body, input);
        var slope = Random(random, expected.dtype, expected.shape);
        own.backward([slope]);
        expected.backward([slope]);

        AssertClose("output", expected, own, tolerance);
        AssertClose("input gradient", expectedInput.grad!, ownInput.grad!, tolerance);
        foreach (var (mine, other) in Fused.named_parameters().Zip(Reference.named_parameters()))
        {
            Assert.Equal(other.Item2.grad is null, mine.Item2.grad is null);
            if (other.Item2.grad is { } gradient)
            {
                AssertClose(mine.Item1, gradient, mine.Item2.grad!, tolerance);
            }
        }
    }

    public static void AssertClose(string name, Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        var scale = Math.Max(expected.detach().abs().max().to_type(ScalarType.Float64).ToDouble(), 1e-3);
        var difference = TinyModel.MaxDifference(expected, actual) / scale;
        Assert.True(difference <= tolerance, $"{name}: differs by {difference:e2} of {scale:e2}, the bound is {tolerance:e1}.");
    }

    public void Dispose()
    {
        Fused.Dispose();
        Reference.Dispose();
        _scope.Dispose();
    }

    private static (Tensor Output, Tensor Input) Run(
        MiniMaxM2ForCausalLM model, Func<MiniMaxM2ForCausalLM, Tensor, Tensor> body, Tensor input)
    {
        var leaf = input.detach().clone().requires_grad_(true);
        return (body(model, leaf), leaf);
    }
}
