// N rows, M scored edges, D model, G key/value width, Q query width, E experts, C choices per row, V vocabulary
using Forge.Learning.Fused.Activations;
using Forge.Learning.Fused.Native;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Mixture;
using static TorchSharp.torch;

namespace Forge.Learning.Fused;

/// <summary>
/// Computes whole sub-blocks of the model in one native call each, forward and backward, for fp32 (and fp64) on the CPU; whatever it
/// can't take goes to the reference.
/// </summary>
/// <remarks>
/// Backward can run once per forward: activations are given back to a pool. Results are bitwise the same for any number of threads.
/// Routing comes without gradient of its own (the block's output carries it).
/// </remarks>
public sealed class FusedKernels : ModelKernels
{
    /// <summary>Gives the memory of past steps back to the system; the next step takes it anew.</summary>
    public static void TrimMemory()
    {
        ActivationPool.Shared.Trim();
        TrainingKernels.TrimHeap();
    }

    public override Tensor RmsNorm(Tensor x_ND, Tensor weight_D, double eps)
    {
        using var scope = NewDisposeScope();
        var normed_ND = TensorMemory.Fits(x_ND) && x_ND.dim() == 2
            ? RmsNormFunction.apply(x_ND, weight_D, eps)
            : base.RmsNorm(x_ND, weight_D, eps);
        return normed_ND.MoveToOuterDisposeScope();
    }

    public override Tensor Embed(Tensor weight_VD, Tensor ids_N)
    {
        using var scope = NewDisposeScope();
        var x_ND = TensorMemory.Fits(weight_VD) ? EmbeddingFunction.apply(weight_VD, ids_N) : base.Embed(weight_VD, ids_N);
        return x_ND.MoveToOuterDisposeScope();
    }

    public override Tensor AttentionBlock(DecoderLayer layer, Tensor x_ND, RotaryAngles angles, AttentionLayout layout)
    {
        var block = layer.Attention;
        var geometry = Geometry(block, layout);
        if (geometry is null || !TensorMemory.Fits(x_ND))
        {
            return base.AttentionBlock(layer, x_ND, angles, layout);
        }

        using var scope = NewDisposeScope();
        var chunk = layout as ChunkLayout;
        Tensor[] inputs =
        [
            x_ND, layer.AttentionNorm.Weight_D, block.Query.Weight_MD, block.Key.Weight_MD, block.Value.Weight_MD, block.QueryNorm.Weight_D,
            block.KeyNorm.Weight_D, block.Output.Weight_MD,
        ];
        Tensor[] past = chunk?.Past(layer.Index) is { } above ? [above.Keys_NGK, above.Values_NGK] : [];
        geometry = geometry with { IsTracked = TensorMemory.IsTracked([.. inputs, .. past]) };
        var outputs = AttentionBlockFunction.apply([.. inputs, angles.Cos_N1R, angles.Sin_N1R, .. past, geometry]);
        if (geometry.GivesKeys)
        {
            long[] shape = [x_ND.shape[0], block.KeyValueHeads, block.HeadDim];
            chunk!.Keep(layer.Index, outputs[1].view(shape), outputs[2].view(shape));
        }

        return outputs[0].MoveToOuterDisposeScope();
    }

    public override (Tensor Output_ND, Routing Routing) ExpertBlock(DecoderLayer layer, Tensor x_ND, Tensor? forced_NC)
    {
        if (!TensorMemory.Fits(x_ND))
        {
            return base.ExpertBlock(layer, x_ND, forced_NC);
        }

        using var scope = NewDisposeScope();
        var (router, experts) = (layer.Mixture.Router, layer.Mixture.Experts);
        Tensor[] inputs =
        [
            x_ND, layer.MixtureNorm.Weight_D, router.Gate.Weight_MD, experts.Gate_EWD, experts.Down_EDW, experts.Up_EWD,
        ];
        var (rows, expertCount) = (x_ND.shape[0], router.Gate.Weight_MD.shape[0]);
        var routing = new Routing(
            empty([rows, expertCount], dtype: x_ND.dtype),
            empty([rows, router.Choices], dtype: ScalarType.Int64),
            empty([rows, router.Choices], dtype: x_ND.dtype));
        var geometry = new ExpertGeometry(
            layer.MixtureNorm.Eps, layer.Mixture.Bias_E, forced_NC?.contiguous(), routing.Logits_NE, routing.Choices_NC, routing.Weights_NC)
        {
            IsTracked = TensorMemory.IsTracked(inputs),
        };
        return (ExpertBlockFunction.apply([.. inputs, geometry]).MoveToOuterDisposeScope(), routing.MoveToOuterDisposeScope());
    }

    public override TokenScores Score(
        Tensor hidden_ND, Tensor weight_VD, Tensor? rows_M, Tensor targets_M, double temperature, bool entropyGradient)
    {
        if (!TensorMemory.Fits(hidden_ND) || hidden_ND.dtype != weight_VD.dtype)
        {
            return base.Score(hidden_ND, weight_VD, rows_M, targets_M, temperature, entropyGradient);
        }

        using var scope = NewDisposeScope();
        var scores = LogProbsFunction.apply(hidden_ND, weight_VD, targets_M, rows_M!, temperature);
        var entropy_M = entropyGradient ? scores[1] : scores[1].detach();
        return new TokenScores(scores[0].MoveToOuterDisposeScope(), entropy_M.MoveToOuterDisposeScope());
    }

    // Null for a layout that the kernel doesn't know.
    private static AttentionGeometry? Geometry(SelfAttention block, AttentionLayout layout)
    {
        var plain = new AttentionGeometry(block.Heads, block.KeyValueHeads, block.HeadDim, block.QueryNorm.Eps, []);
        return layout switch
        {
            PackedSequences sequences => plain with { TreeStarts = [.. sequences.Starts] },
            PrefixTrees trees => plain with { TreeStarts = [.. trees.Starts], KeyEnd = [.. trees.KeyEnd] },
            ChunkLayout { Rows: var rows } => plain with
            {
                TreeStarts = rows.TreeStarts,
                KeyEnd = rows.KeyEnd,
                PastKeyEnd = rows.PastKeyEnd.Length == 0 ? null : rows.PastKeyEnd,
                GivesKeys = rows.Kept.Length > 0,
            },
            _ => null,
        };
    }
}
