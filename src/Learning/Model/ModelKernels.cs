// N rows (tokens), M scored rows, D model, H query heads, G key/value heads, K head dim, W expert width, E experts,
// C choices, V vocabulary
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Mixture;
using Forge.Learning.Model.Scoring;
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>
/// Holds the arithmetic of the modules: these bodies are the reference, right for every device and dtype, and a faster
/// implementation overrides single methods for the inputs that it can take and calls the base for all others.
/// </summary>
public class ModelKernels
{
    /// <summary>Looks up one vector per token.</summary>
    public virtual Tensor Embed(Tensor weight_VD, Tensor ids_N) => weight_VD.index_select(0, ids_N);

    /// <summary>x + attention(norm(x)): the first half of a layer.</summary>
    public virtual Tensor AttentionBlock(DecoderLayer layer, Tensor x_ND, RotaryAngles angles, AttentionLayout layout)
    {
        using var scope = NewDisposeScope();
        return x_ND.add(layer.Attention.Forward(layer.AttentionNorm.Forward(x_ND), angles, layout)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// x + mixture(norm(x)): the second half of a layer, and the routing that it used (for traces only).
    /// </summary>
    public virtual (Tensor Output_ND, Routing Routing) ExpertBlock(DecoderLayer layer, Tensor x_ND, Tensor? forced_NC)
    {
        using var scope = NewDisposeScope();
        var (mixed_ND, routing) = layer.Mixture.Forward(layer.MixtureNorm.Forward(x_ND), forced_NC);
        return (x_ND.add(mixed_ND).MoveToOuterDisposeScope(), routing.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// RMS norm over the last dimension: y = x / sqrt(mean(x²) + eps) · weight, statistics in at least fp32.
    /// </summary>
    public virtual Tensor RmsNorm(Tensor x_ND, Tensor weight_D, double eps)
    {
        using var scope = NewDisposeScope();
        var wide_ND = x_ND.to_type(Wide(x_ND.dtype));
        var inverse_N1 = wide_ND.pow(2).mean([-1L], keepdim: true).add(eps).rsqrt();
        var normalised_ND = wide_ND.mul(inverse_N1).to_type(x_ND.dtype);
        return normalised_ND.mul(weight_D).MoveToOuterDisposeScope();
    }

    /// <summary>y = x · weightᵀ.</summary>
    public virtual Tensor Project(Tensor x_ND, Tensor weight_MD) => nn.functional.linear(x_ND, weight_MD);

    /// <summary>Rotates the leading channels of every head by its row's angles, half-split pairing.</summary>
    public virtual Tensor Rotate(Tensor x_NHK, RotaryAngles angles) => angles.Rotate(x_NHK);

    /// <summary>Attention of the given rows under a layout; returns the heads side by side, [N, H·K].</summary>
    public virtual Tensor Attend(int layer, Tensor q_NHK, Tensor k_NGK, Tensor v_NGK, AttentionLayout layout, double scale)
        => layout.Attend(layer, q_NHK, k_NGK, v_NGK, scale);

    /// <summary>The sum over each row's chosen experts of weight · w2( silu(w1 x) ⊙ (w3 x) ).</summary>
    public virtual Tensor MixExperts(Tensor x_ND, Routing routing, Tensor w1_EWD, Tensor w2_EDW, Tensor w3_EWD)
        => GroupedExperts.Mix(x_ND, routing, w1_EWD, w2_EDW, w3_EWD);

    /// <summary>Log-probability of given targets and entropy of the distributions that they were drawn from.</summary>
    /// <param name="hidden_ND">After the final norm.</param>
    /// <param name="weight_VD">The LM head.</param>
    /// <param name="rows_M">int64: the row that predicts each target; null scores row i with target i.</param>
    /// <param name="targets_M">int64 token ids.</param>
    /// <param name="temperature">Divides the logits; positive.</param>
    /// <param name="entropyGradient">Whether the entropies carry gradient too.</param>
    /// <returns>Log-probabilities with gradient, and entropies, both in at least fp32 and in nats.</returns>
    public virtual TokenScores Score(
        Tensor hidden_ND, Tensor weight_VD, Tensor? rows_M, Tensor targets_M, double temperature, bool entropyGradient)
    {
        using var scope = NewDisposeScope();
        var scores = EdgeScoreFunction.apply(hidden_ND, weight_VD, targets_M, rows_M!, temperature, EdgeScoreFunction.LogitsPerChunk);
        var entropy_M = entropyGradient ? scores[1] : scores[1].detach();
        return new TokenScores(scores[0].MoveToOuterDisposeScope(), entropy_M.MoveToOuterDisposeScope());
    }

    /// <summary>The precision of statistics: at least fp32.</summary>
    protected static ScalarType Wide(ScalarType dtype)
        => dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
}
