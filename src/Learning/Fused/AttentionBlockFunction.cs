// N rows, D model, Q query width, G key/value width, R half of the rotated channels
using Forge.Learning.Fused.Activations;
using Forge.Learning.Fused.Native;
using static TorchSharp.torch;

namespace Forge.Learning.Fused;

/// <summary>Computes x + o_proj(attention(…norm(x)…)), forward and backward, in one native call each.</summary>
/// <remarks>
/// Arguments of <c>apply</c>: x_ND, norm_D, q_QD, k_GD, v_GD, qNorm_Q, kNorm_G, o_DQ, cos_NR, sin_NR, then the
/// <see cref="AttentionGeometry"/>. Angles and geometry have no gradient.
/// </remarks>
internal sealed class AttentionBlockFunction : autograd.SingleTensorFunction<AttentionBlockFunction>
{
    private const int Differentiable = 8;

    public override string Name => nameof(AttentionBlockFunction);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var inputs = vars.OfType<Tensor>().Select(input => input.contiguous()).ToList();
        var geometry = (AttentionGeometry)vars[^1];
        var call = Describe(inputs, geometry);
        var saved = new SavedActivations(TrainingKernels.SavedBytes(call));
        var out_ND = empty_like(inputs[0]);
        (call.Saved, call.Output) = (saved.Address, TensorMemory.Address(out_ND));
        Run(call, geometry, forward: true);
        GC.KeepAlive(inputs);

        if (geometry.IsTracked)
        {
            ctx.save_for_backward(inputs);
            ctx.save_data(nameof(AttentionGeometry), geometry);
            ctx.save_data(nameof(SavedActivations), saved);
        }
        else
        {
            saved.Release();
        }

        return out_ND;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var inputs = ctx.get_saved_variables();
        var geometry = (AttentionGeometry)ctx.get_data(nameof(AttentionGeometry));
        var saved = (SavedActivations)ctx.get_data(nameof(SavedActivations));
        var outputGradient_ND = grad_output.contiguous();
        var gradients = inputs.Take(Differentiable).Select(input => empty_like(input)).ToList();
        var call = Describe(inputs, geometry);
        (call.Saved, call.OutputGradient) = (saved.Address, TensorMemory.Address(outputGradient_ND));
        (call.InputGradient, call.NormGradient) = (TensorMemory.Address(gradients[0]), TensorMemory.Address(gradients[1]));
        call.QueryProjectionGradient = TensorMemory.Address(gradients[2]);
        call.KeyProjectionGradient = TensorMemory.Address(gradients[3]);
        call.ValueProjectionGradient = TensorMemory.Address(gradients[4]);
        call.QueryNormGradient = TensorMemory.Address(gradients[5]);
        call.KeyNormGradient = TensorMemory.Address(gradients[6]);
        call.OutputProjectionGradient = TensorMemory.Address(gradients[7]);
        Run(call, geometry, forward: false);
        saved.Release();
        GC.KeepAlive(inputs);
        GC.KeepAlive(outputGradient_ND);
        return [.. gradients, null!, null!, null!];
    }

    private static AttentionBlockCall Describe(List<Tensor> inputs, AttentionGeometry geometry) => new()
    {
        ElementBytes = (int)inputs[0].ElementSize,
        Threads = get_num_threads(),
        Tokens = checked((int)inputs[0].shape[0]),
        Hidden = (int)inputs[0].shape[1],
        Heads = geometry.Heads,
        KeyValueHeads = geometry.KeyValueHeads,
        HeadDim = geometry.HeadDim,
        RotaryDim = 2 * (int)inputs[8].shape[^1],
        Trees = geometry.TreeStarts.Length - 1,
        NormEpsilon = geometry.NormEpsilon,
        Input = TensorMemory.Address(inputs[0]),
        Norm = TensorMemory.Address(inputs[1]),
        QueryProjection = TensorMemory.Address(inputs[2]),
        KeyProjection = TensorMemory.Address(inputs[3]),
        ValueProjection = TensorMemory.Address(inputs[4]),
        QueryNorm = TensorMemory.Address(inputs[5]),
        KeyNorm = TensorMemory.Address(inputs[6]),
        OutputProjection = TensorMemory.Address(inputs[7]),
        Cosine = TensorMemory.Address(inputs[8]),
        Sine = TensorMemory.Address(inputs[9]),
    };

    private static unsafe void Run(AttentionBlockCall call, AttentionGeometry geometry, bool forward)
    {
        fixed (int* starts = geometry.TreeStarts, ends = geometry.KeyEnd)
        {
            (call.TreeStarts, call.KeyEnd) = ((nint)starts, (nint)ends);
            TrainingKernels.Check(forward ? TrainingKernels.Forward(call) : TrainingKernels.Backward(call));
        }
    }
}
