namespace Forge.Learning.Tests.Model.Passes;

/// <summary>What the ways to save memory save.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class ActivationMemoryTests
{
    public ActivationMemoryTests() => TinyModel.RequireCpu("The activations are those of the CPU kernels' pool.");

    [Fact]
    public void Score_holds_activations_of_one_chunk_at_a_time()
    {
        var sampling = new SamplingKernels();
        using var model = TinyModel.Create(kernels: sampling);
        var forest = new ForestCase(seed: 27, isPlain: true, largest: 400);
        var eighths = Enumerable.Range(0, 9).Select(part => part * forest.RowCount / 8);

        sampling.Begin();
        forest.Run(model, null);
        var uncut = sampling.MostHeldBytes;
        sampling.Begin();
        forest.Run(model, [.. eighths]);
        var cut = sampling.MostHeldBytes;

        Assert.InRange(cut, 1, uncut / 7);
    }

    [Fact]
    public void Checkpointed_layers_hold_activations_of_one_layer_at_a_time()
    {
        var sampling = new SamplingKernels();
        using var model = TinyModel.Create(kernels: sampling);

        sampling.Begin();
        new ForestCase(seed: 31, isPlain: false, largest: 200).Run(model, null);
        var all = sampling.MostHeldBytes;
        sampling.Begin();
        new ForestCase(seed: 31, isPlain: false, largest: 200) { Checkpoints = true }.Run(model, null);
        var one = sampling.MostHeldBytes;

        Assert.InRange(one, 1, all / TinyModel.Config.NumHiddenLayers);
    }
}
