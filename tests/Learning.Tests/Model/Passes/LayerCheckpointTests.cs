using Forge.Learning.Model;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model.Passes;

/// <summary>Layers that are computed twice give what layers computed once give.</summary>
public sealed class LayerCheckpointTests
{
    [Theory]
    [InlineData("fused", false)]
    [InlineData("fused", true)]
    [InlineData("reference", false)]
    [InlineData("reference", true)]
    [InlineData("planned", false)]
    public void Checkpointed_layers_give_equal_values_gradients_and_notes(string kernels, bool plain)
    {
        using var model = ForestCase.Model(kernels);
        var (expectedNotes, notes) = (new List<double>(), new List<double>());

        var expected = new ForestCase(seed: 41, plain, largest: 40).Run(model, null, expectedNotes);
        var actual = new ForestCase(seed: 41, plain, largest: 40) { Checkpoints = true }.Run(model, null, notes);

        ChunkedPassTests.AssertClose(expected, actual);
        Assert.Equal(expectedNotes, notes);
    }

    [Theory]
    [InlineData("fused")]
    [InlineData("reference")]
    [InlineData("planned")]
    public void Checkpointed_layers_in_chunks_equal_one_pass(string kernels)
    {
        using var model = ForestCase.Model(kernels);
        var forest = new ForestCase(seed: 42, isPlain: false, largest: 40) { Checkpoints = true };

        var expected = new ForestCase(seed: 42, isPlain: false, largest: 40).Run(model, null);

        ChunkedPassTests.AssertClose(expected, forest.Run(model, forest.Cuts("random")));
    }

    [Fact]
    public void Checkpointed_layers_of_the_fused_kernels_give_the_same_bits()
    {
        TinyModel.RequireCpu("A GPU sums the gradients of the embedding in no fixed order.");
        using var model = TinyModel.Create(kernels: new Forge.Learning.Fused.FusedKernels());

        var expected = new ForestCase(seed: 43, isPlain: false, largest: 300).Run(model, null);
        var actual = new ForestCase(seed: 43, isPlain: false, largest: 300) { Checkpoints = true }.Run(model, null);

        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Values, pair.Second.Values));
    }

    [Fact]
    public void Checkpointed_layers_replay_their_experts()
    {
        using var model = ForestCase.Model("fused");
        var forest = new ForestCase(seed: 44, isPlain: false, largest: 40) { Checkpoints = true };
        var expected = forest.Run(model, null);
        using var scope = NewDisposeScope();
        model.zero_grad();

        var scores = forest.Forward(model, null);
        using (no_grad())
        {
            foreach (var layer in model.Layers)
            {
                layer.Mixture.Bias_E.add_(arange(6, dtype: ScalarType.Float64).mul(100));
            }
        }

        forest.Loss(scores).backward();
        Assert.All(
            expected.Skip(2).Zip(model.named_parameters()), pair => Assert.Equal(pair.First.Values, TinyModel.Values(pair.Second.Item2.grad!)));
    }

    [Fact]
    public void Checkpointed_layers_in_bf16_give_equal_values_and_gradients()
    {
        TinyModel.RequireCpu("A GPU sums the gradients of the embedding in no fixed order.");
        using var model = TinyModel.Create(ScalarType.BFloat16, kernels: new ModelKernels());

        var expected = new ForestCase(seed: 45, isPlain: false, largest: 60).Run(model, null);
        var actual = new ForestCase(seed: 45, isPlain: false, largest: 60) { Checkpoints = true }.Run(model, null);

        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Values, pair.Second.Values));
    }
}
