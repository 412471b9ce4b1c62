// N hidden rows, M scored edges, D model, V vocabulary
using Forge.Learning.Fused.Native;
using static TorchSharp.torch;

namespace Forge.Learning.Fused;

/// <summary>
/// Computes the log-probability of each edge's target and the entropy of its distribution, both differentiable, without holding the
/// logits of all rows.
/// </summary>
/// <remarks>
/// Arguments of <c>apply</c>: hidden_ND, head_VD, targets_M, rows_M (both int64; null rows score row i with target i), temperature. Result:
/// log-probabilities, entropies. A row may be scored by several edges.
/// </remarks>
internal sealed class LogProbsFunction : autograd.MultiTensorFunction<LogProbsFunction>
{
    private const string TemperatureKey = "temperature";

    public override string Name => nameof(LogProbsFunction);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var inputs = vars.OfType<Tensor>().Select(input => input.contiguous()).ToList();
        var temperature = (double)vars[^1];
        var call = Describe(inputs, inputs.Count == 4, temperature);
        var kept = empty([TrainingKernels.SavedBytes(call) / inputs[0].ElementSize], dtype: inputs[0].dtype);
        var (logProbs_M, entropy_M) = (empty([call.Edges], dtype: inputs[0].dtype), empty([call.Edges], dtype: inputs[0].dtype));
        call.Saved = TensorMemory.Address(kept);
        (call.LogProbs, call.Entropy) = (TensorMemory.Address(logProbs_M), TensorMemory.Address(entropy_M));
        TrainingKernels.Check(TrainingKernels.Forward(call));
        ctx.save_for_backward([.. inputs, kept]);
        ctx.save_data(TemperatureKey, temperature);
        return [logProbs_M, entropy_M];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        var inputs = ctx.get_saved_variables();
        var (logProbGradient_M, entropyGradient_M) = (grad_outputs[0].contiguous(), grad_outputs[1].contiguous());
        var (hiddenGradient_ND, headGradient_VD) = (empty_like(inputs[0]), empty_like(inputs[1]));
        var call = Describe(inputs, inputs.Count == 5, (double)ctx.get_data(TemperatureKey));
        call.Saved = TensorMemory.Address(inputs[^1]);
        call.LogProbsGradient = TensorMemory.Address(logProbGradient_M);
        call.EntropyGradient = TensorMemory.Address(entropyGradient_M);
        call.InputGradient = TensorMemory.Address(hiddenGradient_ND);
        call.HeadGradient = TensorMemory.Address(headGradient_VD);
        TrainingKernels.Check(TrainingKernels.Backward(call));
        GC.KeepAlive(inputs);
        GC.KeepAlive((logProbGradient_M, entropyGradient_M));
        return [hiddenGradient_ND, headGradient_VD, null!, null!, null!];
    }

    private static LogProbsCall Describe(List<Tensor> inputs, bool hasRows, double temperature) => new()
    {
        ElementBytes = (int)inputs[0].ElementSize,
        Threads = get_num_threads(),
        Tokens = checked((int)inputs[0].shape[0]),
        Hidden = (int)inputs[0].shape[1],
        Vocabulary = (int)inputs[1].shape[0],
        Edges = checked((int)inputs[2].shape[0]),
        Temperature = temperature,
        Input = TensorMemory.Address(inputs[0]),
        Head = TensorMemory.Address(inputs[1]),
        Targets = TensorMemory.Address(inputs[2]),
        EdgeRows = hasRows ? TensorMemory.Address(inputs[3]) : 0,
    };
}
