// T query rows, S keys, H query heads, G key/value heads, R query heads per key/value head, K head dim, B rows of a
// block
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention;

/// <summary>Computes exact causal attention of one contiguous run of rows, a block of queries at a time.</summary>
/// <remarks>
/// A block needs memory for B × S scores per head, so the longest sequence costs rows × block, not rows².
/// </remarks>
internal static class BlockAttention
{
    private const long BlockRows = 512;

    /// <param name="q_THK">Queries of consecutive positions.</param>
    /// <param name="k_SGK">Keys from position 0 on; at least offset + T of them.</param>
    /// <param name="v_SGK">Values, aligned with the keys.</param>
    /// <param name="offset">Position of the first query; query i sees keys 0 … offset + i.</param>
    /// <param name="scale">Multiplies the products before the softmax.</param>
    /// <returns>[T, H·K].</returns>
    public static Tensor Causal(Tensor q_THK, Tensor k_SGK, Tensor v_SGK, long offset, double scale)
    {
        var rows = q_THK.shape[0];
        if (rows <= BlockRows)
        {
            return Block(q_THK, k_SGK, v_SGK, offset, scale);
        }

        using var scope = NewDisposeScope();
        var outputs = new List<Tensor>();
        var start = 0L;
        foreach (var q_BHK in q_THK.split(BlockRows))
        {
            var visible = offset + start + q_BHK.shape[0];
            outputs.Add(Block(q_BHK, k_SGK.narrow(0, 0, visible), v_SGK.narrow(0, 0, visible), offset + start, scale));
            start += q_BHK.shape[0];
        }

        return cat(outputs, 0).MoveToOuterDisposeScope();
    }

    /// <summary>The same over a prefix tree in preorder: query i sees key j iff j ≤ offset + i &lt; end_S[j].</summary>
    /// <param name="q_THK">Queries of the tree's last T rows.</param>
    /// <param name="k_SGK">Keys: offset rows of the path above the first query, then the queries' own rows.</param>
    /// <param name="v_SGK">Values, aligned with the keys.</param>
    /// <param name="end_S">int64: one past the last row that sees each key, rows counted like the keys.</param>
    /// <param name="offset">Keys before the first query's own.</param>
    /// <param name="scale">Multiplies the products before the softmax.</param>
    /// <returns>[T, H·K].</returns>
    public static Tensor Tree(Tensor q_THK, Tensor k_SGK, Tensor v_SGK, Tensor end_S, long offset, double scale)
    {
        using var scope = NewDisposeScope();
        var outputs = new List<Tensor>();
        var start = offset;
        foreach (var q_BHK in q_THK.split(BlockRows))
        {
            var visible = start + q_BHK.shape[0];
            var row_B1 = arange(start, visible, dtype: ScalarType.Int64, device: q_THK.device).unsqueeze(1);
            var ended_BS = end_S.narrow(0, 0, visible).unsqueeze(0).le(row_B1);
            outputs.Add(Block(q_BHK, k_SGK.narrow(0, 0, visible), v_SGK.narrow(0, 0, visible), start, scale, ended_BS));
            start = visible;
        }

        return (outputs.Count == 1 ? outputs[0] : cat(outputs, 0)).MoveToOuterDisposeScope();
    }

    private static Tensor Block(Tensor q_BHK, Tensor k_SGK, Tensor v_SGK, long offset, double scale, Tensor? ended_BS = null)
    {
        using var scope = NewDisposeScope();
        var (rows, heads, width) = (q_BHK.shape[0], q_BHK.shape[1], q_BHK.shape[2]);
        var (keys, groups) = (k_SGK.shape[0], k_SGK.shape[1]);
        var perGroup = heads / groups;

        // Query heads that share a key head are stacked as rows, so that keys are never copied per query head.
        var q_GRBK = q_BHK.view(rows, groups, perGroup, width).permute(1, 2, 0, 3);
        var scores_GXS = q_GRBK.reshape(groups, perGroup * rows, width).bmm(k_SGK.permute(1, 2, 0));
        var hidden_BS = ones([rows, keys], dtype: ScalarType.Bool, device: q_BHK.device).triu(offset + 1);
        if (ended_BS is not null)
        {
            hidden_BS = hidden_BS.logical_or(ended_BS);
        }

        var scores_GRBS = scores_GXS.mul(scale).view(groups, perGroup, rows, keys)
            .masked_fill(hidden_BS, double.NegativeInfinity);
        var weights_GRBS = Softmax(scores_GRBS);
        var mixed_GXK = weights_GRBS.view(groups, perGroup * rows, keys).bmm(v_SGK.permute(1, 0, 2));
        return mixed_GXK.view(groups, perGroup, rows, width).permute(2, 0, 1, 3)
            .reshape(rows, heads * width).MoveToOuterDisposeScope();
    }

    /// <summary>Softmax over the last dimension, computed in at least fp32 and returned in the input's dtype.</summary>
    public static Tensor Softmax(Tensor scores)
        => scores.dtype == ScalarType.BFloat16
            ? scores.softmax(-1, dtype: ScalarType.Float32).to_type(ScalarType.BFloat16)
            : scores.softmax(-1);
}
