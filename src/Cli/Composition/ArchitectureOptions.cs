using System.ComponentModel.DataAnnotations;
using Forge.Learning.Model.Configuration;

namespace Forge.Cli.Composition;

/// <summary>The shape of a fresh MiniMax-M2 policy; the vocabulary comes from its tokenizer.</summary>
internal sealed class ArchitectureOptions
{
    [Range(8, 65_536)]
    public int HiddenSize { get; init; } = 128;

    [Range(1, 1024)]
    public int Layers { get; init; } = 4;

    [Range(1, 1024)]
    public int AttentionHeads { get; init; } = 8;

    /// <summary>Divides <see cref="AttentionHeads"/>.</summary>
    [Range(1, 1024)]
    public int KeyValueHeads { get; init; } = 2;

    [Range(2, 1024)]
    public int HeadDim { get; init; } = 32;

    /// <summary>Leading channels of each head that rotate; even, at most <see cref="HeadDim"/>.</summary>
    [Range(2, 1024)]
    public int RotaryDim { get; init; } = 16;

    /// <summary>Inner width of one expert.</summary>
    [Range(1, 65_536)]
    public int ExpertSize { get; init; } = 128;

    [Range(1, 256)]
    public int Experts { get; init; } = 8;

    [Range(1, 256)]
    public int ExpertsPerToken { get; init; } = 2;

    /// <summary>Base of the rotary frequencies.</summary>
    [Range(1.0, 1e12)]
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>Longest sequence that the checkpoint promises to take.</summary>
    [Range(16, 10_000_000)]
    public int MaxPositions { get; init; } = 4096;

    /// <summary>Standard deviation of the fresh weights.</summary>
    [Range(0.0, 1.0)]
    public double InitializerRange { get; init; } = 0.02;

    public M2Config ToConfig(int vocabularySize, int endTokenId) => new()
    {
        VocabSize = vocabularySize,
        HiddenSize = HiddenSize,
        NumHiddenLayers = Layers,
        NumAttentionHeads = AttentionHeads,
        NumKeyValueHeads = KeyValueHeads,
        HeadDim = HeadDim,
        RotaryDim = RotaryDim,
        IntermediateSize = ExpertSize,
        NumLocalExperts = Experts,
        NumExpertsPerToken = ExpertsPerToken,
        RopeTheta = RopeTheta,
        MaxPositionEmbeddings = MaxPositions,
        InitializerRange = InitializerRange,
        EosTokenIds = [endTokenId],
    };
}
