// T queries of a call, S keys of a call, H query heads, G key/value heads, K head dim, B = 1
using Forge.Learning.Torch;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>cuDNN's attention through libtorch, for one rectangle or causal square: fp16 and bf16 on CUDA, from libtorch 2.5 on.</summary>
/// <remarks>Its tensors are permuted views of rows; nothing is copied on the way in or out.</remarks>
internal sealed class CudnnKernel : IAttentionKernel
{
    public const string ForwardName = "aten::_scaled_dot_product_cudnn_attention";
    public const string BackwardName = "aten::_scaled_dot_product_cudnn_attention_backward";

    private readonly TorchOperator _forward = TorchOperator.Find(ForwardName);
    private readonly TorchOperator _backward = TorchOperator.Find(BackwardName);

    public AttentionPart Forward(Tensor q_THK, Tensor k_SGK, Tensor v_SGK, PlacedCall call, double scale)
    {
        var results = _forward.CallMany(
            Heads(q_THK), Heads(k_SGK), Heads(v_SGK), TorchArgument.None, true, 0.0, call.Call.Kind.IsCausal, false, scale);
        return new AttentionPart(
            Rows(results[0]), results[1].reshape(q_THK.shape[1], q_THK.shape[0]), [results[2], results[3]]);
    }

    public AttentionGradients Backward(
        Tensor outGradient_THK, Tensor q_THK, Tensor k_SGK, Tensor v_SGK, AttentionPart merged, PlacedCall call, double scale)
    {
        var gradients = _backward.CallMany(
            Heads(outGradient_THK), Heads(q_THK), Heads(k_SGK), Heads(v_SGK), Heads(merged.Out_THK), merged.LogSumExp_HT.unsqueeze(0).unsqueeze(-1),
            merged.Seeds[0], merged.Seeds[1], TorchArgument.None, TorchArgument.None, TorchArgument.None, q_THK.shape[0], k_SGK.shape[0], 0.0,
            call.Call.Kind.IsCausal, scale);
        return new AttentionGradients(Rows(gradients[0]), Rows(gradients[1]), Rows(gradients[2]));
    }

    private static Tensor Heads(Tensor rows_THK) => rows_THK.unsqueeze(0).transpose(1, 2);

    private static Tensor Rows(Tensor heads_BHTK) => heads_BHTK.transpose(1, 2).squeeze(0);
}
