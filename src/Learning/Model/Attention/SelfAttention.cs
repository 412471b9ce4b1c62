// N rows, D model, H query heads, G key/value heads, K head dim
using Forge.Learning.Model.Configuration;
using Forge.Learning.Model.Parts;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention;

/// <summary>
/// Grouped-query attention with RMS norm over the whole flattened query and key projections, before the head split.
/// </summary>
public sealed class SelfAttention : nn.Module
{
    private readonly int _layer;
    private readonly M2Config _config;
    private readonly ModelKernels _kernels;

    internal SelfAttention(string name, int layer, M2Config config, ModelPlacement placement, ModelKernels kernels)
        : base(name)
    {
        (_layer, _config, _kernels) = (layer, config, kernels);
        Projection Make(string part, long inputs, long outputs)
            => new(part, inputs, outputs, placement.Device, placement.Dtype, kernels);
        Query = Make("q_proj", config.HiddenSize, config.QueryWidth);
        Key = Make("k_proj", config.HiddenSize, config.KeyValueWidth);
        Value = Make("v_proj", config.HiddenSize, config.KeyValueWidth);
        Output = Make("o_proj", config.QueryWidth, config.HiddenSize);
        QueryNorm = new RmsNorm("q_norm", config.QueryWidth, config.RmsNormEps, placement, kernels);
        KeyNorm = new RmsNorm("k_norm", config.KeyValueWidth, config.RmsNormEps, placement, kernels);
        register_module("q_proj", Query);
        register_module("k_proj", Key);
        register_module("v_proj", Value);
        register_module("o_proj", Output);
        register_module("q_norm", QueryNorm);
        register_module("k_norm", KeyNorm);
    }

    public Projection Query { get; }

    public Projection Key { get; }

    public Projection Value { get; }

    public Projection Output { get; }

    public RmsNorm QueryNorm { get; }

    public RmsNorm KeyNorm { get; }

    public int Heads => _config.NumAttentionHeads;

    public int KeyValueHeads => _config.NumKeyValueHeads;

    public int HeadDim => _config.HeadDim;

    /// <summary>Multiplies query-key products: 1 / sqrt(head_dim).</summary>
    public double Scale => 1.0 / Math.Sqrt(_config.HeadDim);

    public Tensor Forward(Tensor x_ND, RotaryAngles angles, AttentionLayout layout)
    {
        using var scope = NewDisposeScope();
        var rows = x_ND.shape[0];
        var q_NHK = QueryNorm.Forward(Query.Forward(x_ND)).view(rows, _config.NumAttentionHeads, _config.HeadDim);
        var k_NGK = KeyNorm.Forward(Key.Forward(x_ND)).view(rows, _config.NumKeyValueHeads, _config.HeadDim);
        var v_NGK = Value.Forward(x_ND).view(rows, _config.NumKeyValueHeads, _config.HeadDim);
        var mixed_NX = _kernels.Attend(
            _layer, _kernels.Rotate(q_NHK, angles), _kernels.Rotate(k_NGK, angles), v_NGK, layout, Scale);
        return Output.Forward(mixed_NX).MoveToOuterDisposeScope();
    }
}
