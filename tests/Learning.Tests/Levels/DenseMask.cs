// N rows, Q query rows, H query heads, G key/value heads, R query heads per key/value head, K head dim
using Forge.Learning.Model.Attention.Levels.Planning;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Levels;

/// <summary>Attention over a forest with an N × N mask, written from the definition.</summary>
internal static class DenseMask
{
    public static Tensor Attend(ForestRows forest, Tensor q_QHK, Tensor k_NGK, Tensor v_NGK, double scale)
    {
        var perGroup = q_QHK.shape[1] / k_NGK.shape[1];
        var (q_HQK, k_HNK) = (q_QHK.transpose(0, 1), k_NGK.repeat_interleave(perGroup, 1).transpose(0, 1));
        var scores_HQN = q_HQK.matmul(k_HNK.transpose(1, 2)).mul(scale).masked_fill(Hidden_QN(forest, q_QHK.device), double.NegativeInfinity);
        return scores_HQN.softmax(-1).matmul(v_NGK.repeat_interleave(perGroup, 1).transpose(0, 1)).transpose(0, 1).flatten(1);
    }

    private static Tensor Hidden_QN(ForestRows forest, Device device)
    {
        var query_Q1 = arange(forest.FirstQuery, forest.RowCount, device: device).unsqueeze(1);
        var key_1N = arange(0, forest.RowCount, device: device).unsqueeze(0);
        var end_1N = tensor(forest.KeyEnd.Select(end => (long)end).ToArray(), device: device).unsqueeze(0);
        return key_1N.gt(query_Q1).logical_or(end_1N.le(query_Q1));
    }
}
