// T queries, S keys, H query heads, G key/value heads, R query heads per key/value head, K head dim; t, s of one segment
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>
/// The kernels' arithmetic in plain tensor operations, for any device and dtype: what the fast ones are compared with.
/// </summary>
/// <remarks>It holds the scores of one segment at a time, in at least fp32.</remarks>
internal sealed class ReferenceKernel : IAttentionKernel
{
    public AttentionPart Forward(Tensor q_THK, Tensor k_SGK, Tensor v_SGK, PlacedCall call, double scale)
    {
        using var scope = NewDisposeScope();
        var wide = Wide(q_THK.dtype);
        var out_THK = zeros_like(q_THK);
        var logSumExp_HT = full([q_THK.shape[1], q_THK.shape[0]], double.NegativeInfinity, dtype: wide, device: q_THK.device);
        foreach (var (queries, keys) in Segments(call))
        {
            using var inner = NewDisposeScope();
            var scores_GRts = Scores(queries.Of(q_THK).to_type(wide), keys.Of(k_SGK).to_type(wide), call, scale);
            var logSumExp_GRt = scores_GRts.logsumexp(-1);
            var weights_GRts = scores_GRts.sub(logSumExp_GRt.unsqueeze(-1)).exp();
            var v_GsK = keys.Of(v_SGK).to_type(wide).transpose(0, 1);
            queries.Of(out_THK).copy_(Rows(weights_GRts.matmul(v_GsK.unsqueeze(1))));
            logSumExp_HT.narrow(1, queries.Start, queries.Count).copy_(logSumExp_GRt.flatten(0, 1));
        }

        return new AttentionPart(out_THK.MoveToOuterDisposeScope(), logSumExp_HT.MoveToOuterDisposeScope(), []);
    }

    public AttentionGradients Backward(
        Tensor outGradient_THK, Tensor q_THK, Tensor k_SGK, Tensor v_SGK, AttentionPart merged, PlacedCall call, double scale)
    {
        using var scope = NewDisposeScope();
        var wide = Wide(q_THK.dtype);
        var (query_THK, key_SGK, value_SGK) = (zeros_like(q_THK), zeros_like(k_SGK), zeros_like(v_SGK));
        var groups = k_SGK.shape[1];
        foreach (var (queries, keys) in Segments(call))
        {
            using var inner = NewDisposeScope();
            var (q_tHK, k_sGK) = (queries.Of(q_THK).to_type(wide), keys.Of(k_SGK).to_type(wide));
            var logSumExp_GRt1 = merged.LogSumExp_HT.narrow(1, queries.Start, queries.Count).unflatten(0, groups, -1).unsqueeze(-1);
            var weights_GRts = Scores(q_tHK, k_sGK, call, scale).sub(logSumExp_GRt1).exp();
            var outGradient_GRtK = Heads(queries.Of(outGradient_THK).to_type(wide), groups);
            var v_G1sK = keys.Of(v_SGK).to_type(wide).transpose(0, 1).unsqueeze(1);
            var mean_GRt1 = outGradient_GRtK.mul(Heads(queries.Of(merged.Out_THK).to_type(wide), groups)).sum(-1, keepdim: true);
            var slope_GRts = outGradient_GRtK.matmul(v_G1sK.transpose(-1, -2)).sub(mean_GRt1).mul(weights_GRts).mul(scale);
            queries.Of(query_THK).copy_(Rows(slope_GRts.matmul(k_sGK.transpose(0, 1).unsqueeze(1))));
            keys.Of(key_SGK).copy_(slope_GRts.transpose(-1, -2).matmul(Heads(q_tHK, groups)).sum(1).transpose(0, 1));
            keys.Of(value_SGK).copy_(weights_GRts.transpose(-1, -2).matmul(outGradient_GRtK).sum(1).transpose(0, 1));
        }

        return new AttentionGradients(
            query_THK.MoveToOuterDisposeScope(), key_SGK.MoveToOuterDisposeScope(), value_SGK.MoveToOuterDisposeScope());
    }

    private static IEnumerable<(Slice Queries, Slice Keys)> Segments(PlacedCall call)
    {
        var (queryEnds, keyEnds) = (call.Call.QueryEnds, call.Call.KeyEnds);
        for (var segment = 0; segment + 1 < queryEnds.Length; segment++)
        {
            if (keyEnds[segment + 1] > keyEnds[segment] && queryEnds[segment + 1] > queryEnds[segment])
            {
                yield return (
                    new Slice(queryEnds[segment], queryEnds[segment + 1] - queryEnds[segment]),
                    new Slice(keyEnds[segment], keyEnds[segment + 1] - keyEnds[segment]));
            }
        }
    }

    private static Tensor Scores(Tensor q_tHK, Tensor k_sGK, PlacedCall call, double scale)
    {
        var scores_GRts = Heads(q_tHK, k_sGK.shape[1]).matmul(k_sGK.permute(1, 2, 0).unsqueeze(1)).mul(scale);
        if (!call.Call.Kind.IsCausal)
        {
            return scores_GRts;
        }

        var (rows, keys) = (q_tHK.shape[0], k_sGK.shape[0]);
        var hidden_ts = ones([rows, keys], dtype: ScalarType.Bool, device: q_tHK.device).triu(keys - rows + 1);
        return scores_GRts.masked_fill(hidden_ts, double.NegativeInfinity);
    }

    private static Tensor Heads(Tensor rows_tHK, long groups) => rows_tHK.unflatten(1, groups, -1).permute(1, 2, 0, 3);

    private static Tensor Rows(Tensor heads_GRtK) => heads_GRtK.flatten(0, 1).transpose(0, 1);

    private static ScalarType Wide(ScalarType dtype) => dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    private readonly record struct Slice(long Start, long Count)
    {
        public Tensor Of(Tensor rows) => rows.narrow(0, Start, Count);
    }
}
