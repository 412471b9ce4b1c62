using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;
using static TorchSharp.torch;

namespace Forge.Trainer.Tests;

/// <summary>A policy small enough to train in a test.</summary>
internal static class TinyPolicy
{
    public const int Vocabulary = 24;

    public static MiniMaxM2ForCausalLM Create(ScalarType dtype = ScalarType.Float64, ModelKernels? kernels = null)
    {
        var config = new M2Config
        {
            VocabSize = Vocabulary,
            HiddenSize = 16,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            NumKeyValueHeads = 1,
            HeadDim = 8,
            RotaryDim = 4,
            NumLocalExperts = 4,
            NumExpertsPerToken = 2,
            IntermediateSize = 16,
            MaxPositionEmbeddings = 64,
        };
        var model = new MiniMaxM2ForCausalLM(config, new ModelPlacement(CPU, dtype), kernels ?? new ModelKernels());
        FreshWeights.Fill(model, seed: 7);
        return model;
    }
}
