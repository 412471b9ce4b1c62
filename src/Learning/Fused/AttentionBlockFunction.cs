// N rows, P rows of the path above, D model, Q query width, G key/value width, R half of the rotated channels
using Forge.Learning.Fused.Activations;
using Forge.Learning.Fused.Native;
using static TorchSharp.torch;

namespace Forge.Learning.Fused;

/// <summary>Computes x + o_proj(attention(…norm(x)…)), forward and backward, in one native call each.</summary>
/// <remarks>
/// Arguments of <c>apply</c>: x_ND, norm_D, q_QD, k_GD, v_GD, qNorm_Q, kNorm_G, o_DQ, cos_NR, sin_NR, with a path above also pastKeys_PG and
/// pastValues_PG, then the <see cref="AttentionGeometry"/>. Angles and geometry have no gradient. Result: the rows, and with
/// <see cref="AttentionGeometry.GivesKeys"/> also their rotated keys [N, G] and values [N, G].
/// </remarks>
internal sealed class AttentionBlockFunction : autograd.MultiTensorFunction<AttentionBlockFunction>
{
    private const int Differentiable = 8, PastKeys = 10, PastValues = 11;

    public override string Name => nameof(AttentionBlockFunction);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var inputs = vars.OfType<Tensor>().Select(input => input.contiguous()).ToList();
        var geometry = (AttentionGeometry)vars[^1];
        var call = Describe(inputs, geometry);
        var saved = new SavedActivations(TrainingKernels.SavedBytes(call));
        List<Tensor> outputs = [empty_like(inputs[0])];
        (call.Saved, call.Output) = (saved.Address, TensorMemory.Address(outputs[0]));
        if (geometry.GivesKeys)
        {
            outputs.AddRange([KeyRows(inputs[0], geometry), KeyRows(inputs[0], geometry)]);
            (call.KeysOutput, call.ValuesOutput) = (TensorMemory.Address(outputs[1]), TensorMemory.Address(outputs[2]));
        }

        Run(call, geometry, forward: true);
        GC.KeepAlive(inputs);

        if (geometry.IsTracked)
        {
            ctx.save_for_backward(inputs);
            ctx.save_data(nameof(AttentionGeometry), geometry);
            ctx.save_data(nameof(SavedActivations), saved);
            ctx.set_materialize_grads(false);
        }
        else
        {
            saved.Release();
        }

        return outputs;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        var inputs = ctx.get_saved_variables();
        var geometry = (AttentionGeometry)ctx.get_data(nameof(AttentionGeometry));
        var saved = (SavedActivations)ctx.get_data(nameof(SavedActivations));
        var gradients = inputs.Take(Differentiable).Select(input => empty_like(input)).ToList();
        var past = inputs.Skip(PastKeys).Select(input => empty_like(input)).ToList();
        var call = Describe(inputs, geometry);
        call.Saved = saved.Address;
        (call.InputGradient, call.NormGradient) = (TensorMemory.Address(gradients[0]), TensorMemory.Address(gradients[1]));
        call.QueryProjectionGradient = TensorMemory.Address(gradients[2]);
        call.KeyProjectionGradient = TensorMemory.Address(gradients[3]);
        call.ValueProjectionGradient = TensorMemory.Address(gradients[4]);
        call.QueryNormGradient = TensorMemory.Address(gradients[5]);
        call.KeyNormGradient = TensorMemory.Address(gradients[6]);
        call.OutputProjectionGradient = TensorMemory.Address(gradients[7]);
        if (past.Count > 0)
        {
            (call.PastKeysGradient, call.PastValuesGradient) = (TensorMemory.Address(past[0]), TensorMemory.Address(past[1]));
        }

        var given = Given(ref call, grad_outputs, inputs[0], geometry);
        Run(call, geometry, forward: false);
        saved.Release();
        GC.KeepAlive(inputs);
        GC.KeepAlive(given);
        return [.. gradients, null!, null!, .. past, null!];
    }

    // What arrives from the rows, and from later chunks for the rows' keys and values; null stands for zeros.
    private static List<Tensor> Given(ref AttentionBlockCall call, List<Tensor> gradients, Tensor x_ND, AttentionGeometry geometry)
    {
        List<Tensor> given = [gradients[0]?.contiguous() ?? zeros_like(x_ND)];
        call.OutputGradient = TensorMemory.Address(given[0]);
        if (gradients.Skip(1).Any(gradient => gradient is not null))
        {
            given.AddRange(gradients.Skip(1).Select(gradient => gradient?.contiguous() ?? KeyRows(x_ND, geometry).zero_()));
            (call.KeysOutputGradient, call.ValuesOutputGradient) = (TensorMemory.Address(given[1]), TensorMemory.Address(given[2]));
        }

        return given;
    }

    private static Tensor KeyRows(Tensor x_ND, AttentionGeometry geometry)
        => empty([x_ND.shape[0], geometry.KeyValueHeads * geometry.HeadDim], dtype: x_ND.dtype);

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
        Past = geometry.PastKeyEnd?.Length ?? 0,
        NormEpsilon = geometry.NormEpsilon,
        PastKeys = inputs.Count > PastKeys ? TensorMemory.Address(inputs[PastKeys]) : 0,
        PastValues = inputs.Count > PastKeys ? TensorMemory.Address(inputs[PastValues]) : 0,
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
        fixed (int* starts = geometry.TreeStarts, ends = geometry.KeyEnd, pastEnds = geometry.PastKeyEnd)
        {
            (call.TreeStarts, call.KeyEnd, call.PastKeyEnd) = ((nint)starts, (nint)ends, (nint)pastEnds);
            TrainingKernels.Check(forward ? TrainingKernels.Forward(call) : TrainingKernels.Backward(call));
        }
    }
}
