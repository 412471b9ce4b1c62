// N rows, D model, E experts, W expert width, C choices per row
using Forge.Learning.Fused.Activations;
using Forge.Learning.Fused.Native;
using static TorchSharp.torch;

namespace Forge.Learning.Fused;

/// <summary>Computes x + the weighted sum of the chosen experts of norm(x), forward and backward, in one native call each.</summary>
/// <remarks>Arguments of <c>apply</c>: x_ND, norm_D, router_ED, w1_EWD, w2_EDW, w3_EWD, then the <see cref="ExpertGeometry"/>.</remarks>
internal sealed class ExpertBlockFunction : autograd.SingleTensorFunction<ExpertBlockFunction>
{
    private const string ChoicesKey = "choices per row";

    public override string Name => nameof(ExpertBlockFunction);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var inputs = vars.OfType<Tensor>().Select(input => input.contiguous()).ToList();
        var geometry = (ExpertGeometry)vars[^1];
        var choices = (int)geometry.Choices_NC.shape[1];
        var call = Describe(inputs, choices, geometry.NormEpsilon);
        var saved = new SavedActivations(TrainingKernels.SavedBytes(call));
        var out_ND = empty_like(inputs[0]);
        (call.Saved, call.Output) = (saved.Address, TensorMemory.Address(out_ND));
        call.SelectionBias = TensorMemory.Address(geometry.Bias_E);
        call.Forced = geometry.Forced_NC is null ? 0 : TensorMemory.Address(geometry.Forced_NC);
        call.RouterLogits = TensorMemory.Address(geometry.Logits_NE);
        call.Choices = TensorMemory.Address(geometry.Choices_NC);
        call.Weights = TensorMemory.Address(geometry.Weights_NC);
        TrainingKernels.Check(TrainingKernels.Forward(call));
        GC.KeepAlive(inputs);
        GC.KeepAlive(geometry);

        if (geometry.IsTracked)
        {
            ctx.save_for_backward(inputs);
            ctx.save_data(ChoicesKey, choices);
            ctx.save_data(nameof(ExpertGeometry.NormEpsilon), geometry.NormEpsilon);
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
        var saved = (SavedActivations)ctx.get_data(nameof(SavedActivations));
        var outputGradient_ND = grad_output.contiguous();
        var gradients = inputs.Select(input => empty_like(input)).ToList();
        var call = Describe(inputs, (int)ctx.get_data(ChoicesKey), (double)ctx.get_data(nameof(ExpertGeometry.NormEpsilon)));
        (call.Saved, call.OutputGradient) = (saved.Address, TensorMemory.Address(outputGradient_ND));
        (call.InputGradient, call.NormGradient) = (TensorMemory.Address(gradients[0]), TensorMemory.Address(gradients[1]));
        call.RouterGradient = TensorMemory.Address(gradients[2]);
        call.GateGradient = TensorMemory.Address(gradients[3]);
        call.DownGradient = TensorMemory.Address(gradients[4]);
        call.UpGradient = TensorMemory.Address(gradients[5]);
        TrainingKernels.Check(TrainingKernels.Backward(call));
        saved.Release();
        GC.KeepAlive(inputs);
        GC.KeepAlive(outputGradient_ND);
        return [.. gradients, null!];
    }

    private static ExpertBlockCall Describe(List<Tensor> inputs, int choices, double epsilon) => new()
    {
        ElementBytes = (int)inputs[0].ElementSize,
        Threads = get_num_threads(),
        Tokens = checked((int)inputs[0].shape[0]),
        Hidden = (int)inputs[0].shape[1],
        Experts = (int)inputs[2].shape[0],
        ExpertsPerToken = choices,
        ExpertWidth = (int)inputs[3].shape[1],
        NormEpsilon = epsilon,
        Input = TensorMemory.Address(inputs[0]),
        Norm = TensorMemory.Address(inputs[1]),
        Router = TensorMemory.Address(inputs[2]),
        Gate = TensorMemory.Address(inputs[3]),
        Down = TensorMemory.Address(inputs[4]),
        Up = TensorMemory.Address(inputs[5]),
    };
}
