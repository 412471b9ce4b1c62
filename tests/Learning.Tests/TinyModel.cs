using System.Collections.Immutable;
using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests;

/// <summary>Makes small models with weights large enough that every part of them matters.</summary>
internal static class TinyModel
{
    /// <summary><c>FORGE_TEST_DEVICE</c>, else the CPU.</summary>
    public static Device Device { get; } =
        ModelPlacement.ParseDevice(Environment.GetEnvironmentVariable("FORGE_TEST_DEVICE") is { Length: > 0 } name ? name : "cpu");

    /// <summary>Skips a test whose promise is the CPU's alone.</summary>
    public static void RequireCpu(string why) => Assert.SkipUnless(Device.type == DeviceType.CPU, why);

    public static M2Config Config { get; } = new()
    {
        VocabSize = 61,
        HiddenSize = 32,
        NumHiddenLayers = 2,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        HeadDim = 12,
        RotaryDim = 8,
        IntermediateSize = 24,
        NumLocalExperts = 6,
        NumExpertsPerToken = 2,
        InitializerRange = 0.25,
    };

    public static MiniMaxM2ForCausalLM Create(
        ScalarType dtype = ScalarType.Float32, int seed = 7, M2Config? config = null, ModelKernels? kernels = null)
    {
        var model = new MiniMaxM2ForCausalLM(config ?? Config, new ModelPlacement(Device, dtype), kernels);
        FreshWeights.Fill(model, seed);
        return model;
    }

    public static ImmutableArray<int> Ids(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(Config.VocabSize))];
    }

    /// <summary>
    /// Numbers in [-1, 1) in double precision. Not libtorch's random numbers: tests that run side by side share those, so they would
    /// differ from run to run.
    /// </summary>
    public static Tensor Random(int seed, params long[] shape)
    {
        var random = new Random(seed);
        var values = Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => (2 * random.NextDouble()) - 1);
        return tensor(values.ToArray(), dtype: ScalarType.Float64, device: Device).view(shape);
    }

    /// <summary>Logits of one whole sequence.</summary>
    public static Tensor Logits(MiniMaxM2ForCausalLM model, IReadOnlyList<int> ids)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        return model.Logits(model.Forward(ModelInput.Pack([ids], Device))).MoveToOuterDisposeScope();
    }

    public static double MaxDifference(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        return left.detach().cpu().to_type(ScalarType.Float64).sub(right.detach().cpu().to_type(ScalarType.Float64)).abs().max().ToDouble();
    }

    public static double[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().cpu().to_type(ScalarType.Float64).contiguous().view(-1).data<double>().ToArray();
    }
}
