using Forge.Learning.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model;

public sealed class FreshWeightsTests
{
    [Fact]
    public void Fill_gives_equal_weights_for_equal_seeds_only()
    {
        using var scope = NewDisposeScope();
        using var first = TinyModel.Create(seed: 5);
        using var second = TinyModel.Create(seed: 5);
        using var other = TinyModel.Create(seed: 6);

        Assert.Equal(Fingerprint(first), Fingerprint(second));
        Assert.NotEqual(Fingerprint(first), Fingerprint(other));
    }

    [Fact]
    public void Fill_scales_what_writes_into_the_residual_stream_by_depth()
    {
        using var scope = NewDisposeScope();
        var config = TinyModel.Config with { HiddenSize = 128, InitializerRange = 0.02, NumHiddenLayers = 8 };
        using var model = TinyModel.Create(config: config);

        var layer = model.Layers[3];

        Assert.Equal(0.02, layer.Attention.Query.Weight_MD.std().ToDouble(), 5e-4);
        Assert.Equal(0.005, layer.Attention.Output.Weight_MD.std().ToDouble(), 5e-4);
        Assert.Equal(0.005, layer.Mixture.Experts.Down_EDW.std().ToDouble(), 5e-4);
        Assert.Equal(0, model.Head.Weight_VD.mean().ToDouble(), 5e-3);
        Assert.All(TinyModel.Values(layer.AttentionNorm.Weight_D), weight => Assert.Equal(1, weight));
    }

    private static double[] Fingerprint(MiniMaxM2ForCausalLM model)
        => [.. model.Weights().Select(weight => weight.Value.to_type(ScalarType.Float64).pow(2).sum().ToDouble())];
}
