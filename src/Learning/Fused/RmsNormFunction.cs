// N rows, D normalised width
using Forge.Learning.Fused.Native;
using static TorchSharp.torch;

namespace Forge.Learning.Fused;

/// <summary>Computes y = x / sqrt(mean(x²) + eps) · weight. Arguments of <c>apply</c>: x_ND, weight_D, eps.</summary>
internal sealed class RmsNormFunction : autograd.SingleTensorFunction<RmsNormFunction>
{
    private const string EpsilonKey = "eps";

    public override string Name => nameof(RmsNormFunction);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x_ND, weight_D, epsilon) = (((Tensor)vars[0]).contiguous(), ((Tensor)vars[1]).contiguous(), (double)vars[2]);
        var out_ND = empty_like(x_ND);
        var inverseDeviation_N = empty([x_ND.shape[0]], dtype: x_ND.dtype);
        var call = Describe(x_ND, weight_D, inverseDeviation_N, epsilon);
        call.Output = TensorMemory.Address(out_ND);
        TrainingKernels.Check(TrainingKernels.Forward(call));
        ctx.save_for_backward([x_ND, weight_D, inverseDeviation_N]);
        ctx.save_data(EpsilonKey, epsilon);
        return out_ND;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        var outputGradient_ND = grad_output.contiguous();
        var (inputGradient_ND, weightGradient_D) = (empty_like(saved[0]), empty_like(saved[1]));
        var call = Describe(saved[0], saved[1], saved[2], (double)ctx.get_data(EpsilonKey));
        call.OutputGradient = TensorMemory.Address(outputGradient_ND);
        call.InputGradient = TensorMemory.Address(inputGradient_ND);
        call.WeightGradient = TensorMemory.Address(weightGradient_D);
        TrainingKernels.Check(TrainingKernels.Backward(call));
        GC.KeepAlive(saved);
        GC.KeepAlive(outputGradient_ND);
        return [inputGradient_ND, weightGradient_D, null!];
    }

    private static RmsNormCall Describe(Tensor x_ND, Tensor weight_D, Tensor inverseDeviation_N, double epsilon) => new()
    {
        ElementBytes = (int)x_ND.ElementSize,
        Threads = get_num_threads(),
        Tokens = checked((int)x_ND.shape[0]),
        Hidden = (int)x_ND.shape[1],
        Epsilon = epsilon,
        Input = TensorMemory.Address(x_ND),
        Weight = TensorMemory.Address(weight_D),
        InverseDeviation = TensorMemory.Address(inverseDeviation_N),
    };
}
