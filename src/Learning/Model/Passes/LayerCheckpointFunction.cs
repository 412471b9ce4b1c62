// N rows, D model, C choices per row, P rows of the path above
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Tracing;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Passes;

/// <summary>Runs a decoder layer without graph and computes it again, with the same experts, when its backward pass comes (arXiv 1604.06174).</summary>
/// <remarks>
/// Arguments of <c>apply</c>: x_ND, cos_N1R, sin_N1R, in a chunk below a path also its keys and values, the layer's parameters, then the
/// <see cref="LayerCall"/>. Result: the rows after the layer, and in a chunk that keeps rows their keys and values.
/// </remarks>
internal sealed class LayerCheckpointFunction : autograd.MultiTensorFunction<LayerCheckpointFunction>
{
    public override string Name => nameof(LayerCheckpointFunction);

    /// <summary>As <see cref="DecoderLayer.Forward"/>.</summary>
    public static Tensor Run(DecoderLayer layer, Tensor x_ND, RotaryAngles angles, ModelInput input, ForwardTrace? trace)
    {
        using var scope = NewDisposeScope();
        var chunk = input.Layout as ChunkLayout;
        Tensor[] past = chunk?.Past(layer.Index) is { } above ? [above.Keys_NGK, above.Values_NGK] : [];
        var call = new LayerCall(layer, input, trace);
        var outputs = apply([x_ND, angles.Cos_N1R, angles.Sin_N1R, .. past, .. call.Parameters, call]);
        if (outputs.Count > 1)
        {
            chunk!.KeepSelected(layer.Index, new KeyValues(outputs[1], outputs[2]));
        }

        return outputs[0].MoveToOuterDisposeScope();
    }

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var call = (LayerCall)vars[^1];
        var inputs = vars.OfType<Tensor>().SkipLast(call.Parameters.Length).ToList();
        using var trace = new ForwardTrace((call.Trace?.Contents ?? TraceContents.None) | TraceContents.Choices);
        var outputs = call.Run(inputs, call.Input.ForcedChoices_NLC, trace);
        ctx.save_for_backward([.. inputs, trace.Layers[0].Choices_NC!.to_type(ScalarType.Int16)]);
        ctx.save_data(nameof(LayerCall), call);
        ctx.set_materialize_grads(false);
        call.Trace?.TakeLayers(trace);
        return outputs;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        var saved = ctx.get_saved_variables();
        var call = (LayerCall)ctx.get_data(nameof(LayerCall));
        using var graph = enable_grad();
        List<Tensor> inputs = [.. saved.SkipLast(1).Select(tensor => tensor.detach())];
        Tensor[] leaves = [inputs[0].requires_grad_(true), .. inputs.Skip(LayerCall.FirstPast).Select(past => past.requires_grad_(true))];
        var outputs = call.Run(inputs, call.Replay(saved[^1]), null);
        var slopes = outputs.Zip(grad_outputs).Where(pair => pair.Second is not null).ToList();
        var gradients = autograd.grad(
            [.. slopes.Select(slope => slope.First)], [.. leaves, .. call.Parameters], [.. slopes.Select(slope => slope.Second)], allow_unused: true);
        return [gradients[0], null!, null!, .. gradients.Skip(1), null!];
    }
}
