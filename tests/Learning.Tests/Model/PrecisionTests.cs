using Forge.Core.Ring;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.Learning.Model.Tracing;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model;

public sealed class PrecisionTests
{
    [Fact]
    public void Float32_agrees_with_float64()
    {
        using var scope = NewDisposeScope();
        using var narrow = TinyModel.Create(ScalarType.Float32);
        using var wide = TinyModel.Create(ScalarType.Float64);
        var ids = TinyModel.Ids(30);

        var (narrow_TV, wide_TV) = (TinyModel.Logits(narrow, ids), TinyModel.Logits(wide, ids));

        Assert.Equal(ScalarType.Float64, wide_TV.dtype);
        Assert.True(TinyModel.MaxDifference(narrow_TV, wide_TV) < 1e-5 * wide_TV.abs().max().ToDouble());
    }

    [Fact]
    public void BFloat16_keeps_router_and_head_in_float32()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.BFloat16);
        using var trace = new ForwardTrace(TraceContents.All);

        var hidden_TD = model.Forward(ModelInput.Pack([TinyModel.Ids(12)], TinyModel.Device), trace);

        Assert.Equal(ScalarType.BFloat16, hidden_TD.dtype);
        Assert.Equal(ScalarType.Float32, model.Logits(hidden_TD).dtype);
        Assert.All(trace.Layers, layer => Assert.Equal(ScalarType.Float32, layer.RouterLogits_NE!.dtype));
        Assert.Equal(ScalarType.Float32, model.Layers[0].Mixture.Router.Gate.Weight_MD.dtype);
        Assert.Equal(ScalarType.Float32, model.Layers[0].Mixture.Bias_E.dtype);
    }

    [Fact]
    public void BFloat16_is_near_the_float32_model_of_the_same_weights()
    {
        using var scope = NewDisposeScope();
        using var narrow = TinyModel.Create(ScalarType.BFloat16);
        using var exact = TinyModel.Create(ScalarType.Float32);
        PolicyWeightsCodec.FromPolicyWeights(exact, PolicyWeightsCodec.ToPolicyWeights(narrow, PolicyVersion.Initial));
        var ids = TinyModel.Ids(12);

        var (narrow_TV, exact_TV) = (TinyModel.Logits(narrow, ids), TinyModel.Logits(exact, ids));

        var typical = narrow_TV.sub(exact_TV).abs().mean().ToDouble() / exact_TV.abs().mean().ToDouble();
        Assert.InRange(typical, 1e-5, 0.1);
    }

    [Fact]
    public void BFloat16_training_gives_every_weight_a_finite_gradient()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.BFloat16);
        var input = ModelInput.Pack([TinyModel.Ids(40)], TinyModel.Device);

        var scores = model.Score(model.Forward(input).narrow(0, 0, 39), input.Ids_N.narrow(0, 1, 39));
        scores.LogProb_M.mean().neg().backward();

        Assert.Equal(ScalarType.Float32, scores.LogProb_M.dtype);
        Assert.Equal(model.Weights().Count(weight => weight.IsTrained), model.Gradients().Count);
        Assert.All(model.Gradients(), gradient => Assert.True(gradient.Value.isfinite().all().ToBoolean(), gradient.Name));
    }
}
