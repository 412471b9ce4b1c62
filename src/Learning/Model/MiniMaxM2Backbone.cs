// N rows, D model
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Configuration;
using Forge.Learning.Model.Parts;
using Forge.Learning.Model.Passes;
using Forge.Learning.Model.Tracing;
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>Embedding, decoder layers and final norm (<c>model.*</c> in a checkpoint).</summary>
public sealed class MiniMaxM2Backbone : nn.Module
{
    private readonly DecoderLayer[] _layers;
    private readonly RotaryEmbedding _rotary;

    internal MiniMaxM2Backbone(string name, M2Config config, ModelPlacement placement, ModelKernels kernels)
        : base(name)
    {
        Embedding = new TokenEmbedding("embed_tokens", config.VocabSize, config.HiddenSize, placement, kernels);
        _layers = [.. Enumerable.Range(0, config.NumHiddenLayers)
            .Select(index => new DecoderLayer($"layer {index}", index, config, placement, kernels))];
        Norm = new RmsNorm("norm", config.HiddenSize, config.RmsNormEps, placement, kernels);
        _rotary = new RotaryEmbedding(config.RotaryDim, config.RopeTheta, placement);
        register_module("embed_tokens", Embedding);
        register_module("layers", new LayerStack("layers", _layers));
        register_module("norm", Norm);
    }

    public TokenEmbedding Embedding { get; }

    public IReadOnlyList<DecoderLayer> Layers => _layers;

    public RmsNorm Norm { get; }

    public RotaryEmbedding Rotary => _rotary;

    /// <returns>Hidden rows after the final norm.</returns>
    public Tensor Forward(ModelInput input, ForwardTrace? trace)
    {
        using var scope = NewDisposeScope();
        var angles = _rotary.Angles(input.Positions_N);
        var x_ND = Embedding.Forward(input.Ids_N);
        trace?.NoteEmbedding(x_ND);
        foreach (var layer in _layers)
        {
            x_ND = input.CheckpointLayers && is_grad_enabled()
                ? LayerCheckpointFunction.Run(layer, x_ND, angles, input, trace)
                : layer.Forward(x_ND, angles, input, trace);
        }

        var hidden_ND = Norm.Forward(x_ND);
        trace?.NoteNorm(hidden_ND);
        return hidden_ND.MoveToOuterDisposeScope();
    }
}
