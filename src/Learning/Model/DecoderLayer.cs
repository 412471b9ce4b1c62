// N rows, D model, C choices per row
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Configuration;
using Forge.Learning.Model.Mixture;
using Forge.Learning.Model.Parts;
using Forge.Learning.Model.Tracing;
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>One pre-norm layer: x += attention(norm(x)); x += mixture(norm(x)).</summary>
public sealed class DecoderLayer : nn.Module
{
    private readonly ModelKernels _kernels;

    internal DecoderLayer(string name, int index, M2Config config, ModelPlacement placement, ModelKernels kernels)
        : base(name)
    {
        (Index, _kernels) = (index, kernels);
        AttentionNorm = new RmsNorm("input_layernorm", config.HiddenSize, config.RmsNormEps, placement, kernels);
        Attention = new SelfAttention("self_attn", index, config, placement, kernels);
        MixtureNorm = new RmsNorm("post_attention_layernorm", config.HiddenSize, config.RmsNormEps, placement, kernels);
        Mixture = new SparseMixture("block_sparse_moe", config, placement, kernels);
        register_module("input_layernorm", AttentionNorm);
        register_module("self_attn", Attention);
        register_module("post_attention_layernorm", MixtureNorm);
        register_module("block_sparse_moe", Mixture);
    }

    public int Index { get; }

    public RmsNorm AttentionNorm { get; }

    public SelfAttention Attention { get; }

    public RmsNorm MixtureNorm { get; }

    public SparseMixture Mixture { get; }

    /// <param name="x_ND">The residual stream before the layer.</param>
    /// <param name="angles">Rotary angles of the rows.</param>
    /// <param name="input">The forward's layout, replayed choices and multiplicities.</param>
    /// <param name="trace">Where to note what happened; null notes nothing.</param>
    /// <returns>The residual stream after the layer.</returns>
    public Tensor Forward(Tensor x_ND, RotaryAngles angles, ModelInput input, ForwardTrace? trace)
    {
        using var scope = NewDisposeScope();
        var middle_ND = _kernels.AttentionBlock(this, x_ND, angles, input.Layout);
        var (after_ND, routing) = _kernels.ExpertBlock(this, middle_ND, input.ForcedChoices_NLC?.select(1, Index));
        trace?.NoteLayer(x_ND, middle_ND, after_ND, routing, input.Multiplicity_N);
        return after_ND.MoveToOuterDisposeScope();
    }
}
