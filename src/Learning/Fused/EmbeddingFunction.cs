// N rows, V vocabulary, D model
using Forge.Learning.Fused.Native;
using static TorchSharp.torch;

namespace Forge.Learning.Fused;

/// <summary>Looks up one table row per id. Arguments of <c>apply</c>: table_VD, ids_N (int64).</summary>
internal sealed class EmbeddingFunction : autograd.SingleTensorFunction<EmbeddingFunction>
{
    public override string Name => nameof(EmbeddingFunction);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (table_VD, ids_N) = ((Tensor)vars[0], ((Tensor)vars[1]).contiguous());
        ctx.save_for_backward([table_VD, ids_N]);
        return table_VD.index_select(0, ids_N);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        var outputGradient_ND = grad_output.contiguous();
        var tableGradient_VD = empty_like(saved[0]);
        TrainingKernels.Check(TrainingKernels.EmbeddingBackward(
            (int)saved[0].ElementSize,
            get_num_threads(),
            checked((int)saved[1].shape[0]),
            (int)saved[0].shape[1],
            checked((int)saved[0].shape[0]),
            TensorMemory.Address(saved[1]),
            TensorMemory.Address(outputGradient_ND),
            TensorMemory.Address(tableGradient_VD)));
        GC.KeepAlive(saved);
        GC.KeepAlive(outputGradient_ND);
        return [tableGradient_VD, null!];
    }
}
