// T queries of a call, S keys of a call, H query heads, G key/value heads, K head dim
using Forge.Learning.Torch;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>libtorch's flash attention over segments of any lengths: fp16 and bf16 on CUDA, from libtorch 2.5 on.</summary>
internal sealed class FlashKernel : IAttentionKernel
{
    public const string ForwardName = "aten::_flash_attention_forward";
    public const string BackwardName = "aten::_flash_attention_backward";

    // With at most one query per segment libtorch takes another path, which asks for exactly one query in each.
    private const long LeastMaxQueries = 2;

    private readonly TorchOperator _forward = TorchOperator.Find(ForwardName);
    private readonly TorchOperator _backward = TorchOperator.Find(BackwardName);

    public AttentionPart Forward(Tensor q_THK, Tensor k_SGK, Tensor v_SGK, PlacedCall call, double scale)
    {
        var results = _forward.CallMany(
            q_THK, k_SGK, v_SGK, call.QueryEnds, call.KeyEnds, MaxQueries(call), (long)call.Call.MaxKeys, 0.0, call.Call.Kind.IsCausal, false, scale);
        var logSumExp_HT = results[1];

        // The kernel says +∞ where there is no key.
        return new AttentionPart(
            results[0],
            call.HasIdleQueries ? logSumExp_HT.masked_fill_(logSumExp_HT.isinf(), double.NegativeInfinity) : logSumExp_HT,
            [results[2], results[3]]);
    }

    public AttentionGradients Backward(
        Tensor outGradient_THK, Tensor q_THK, Tensor k_SGK, Tensor v_SGK, AttentionPart merged, PlacedCall call, double scale)
    {
        var gradients = _backward.CallMany(
            outGradient_THK, q_THK, k_SGK, v_SGK, merged.Out_THK, merged.LogSumExp_HT, call.QueryEnds, call.KeyEnds, MaxQueries(call),
            (long)call.Call.MaxKeys, 0.0, call.Call.Kind.IsCausal, merged.Seeds[0], merged.Seeds[1], scale);
        return new AttentionGradients(gradients[0], gradients[1], gradients[2]);
    }

    private static long MaxQueries(PlacedCall call) => Math.Max(call.Call.MaxQueries, LeastMaxQueries);
}
