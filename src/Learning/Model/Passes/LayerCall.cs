// N rows, D model, L layers, C choices per row
using System.Collections.Immutable;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Tracing;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Passes;

/// <summary>One layer's forward pass as a function of its tensors, to be called twice. Holds no tensors but parameters.</summary>
/// <param name="layer">The layer.</param>
/// <param name="input">The forward pass it belongs to; only its forward pass reads the tensors.</param>
/// <param name="trace">Notes the first call; may be null.</param>
internal sealed class LayerCall(DecoderLayer layer, ModelInput input, ForwardTrace? trace)
{
    /// <summary>Where keys and values of the path above stand among the inputs, after the rows and the two angles.</summary>
    public const int FirstPast = 3;

    public ImmutableArray<Tensor> Parameters { get; } = [.. layer.parameters().Where(parameter => parameter.requires_grad)];

    public ModelInput Input => input;

    public ForwardTrace? Trace => trace;

    /// <param name="inputs">x_ND, cosines, sines, and keys and values of the path above, if any.</param>
    /// <param name="forced_NLC">Experts to replay; may be null.</param>
    /// <param name="noted">Notes this call; may be null.</param>
    /// <returns>The rows after the layer, and keys and values of the rows that later chunks see, if any.</returns>
    public List<Tensor> Run(IReadOnlyList<Tensor> inputs, Tensor? forced_NLC, ForwardTrace? noted)
    {
        using var scope = NewDisposeScope();
        var chunk = input.Layout is ChunkLayout whole ? new ChunkLayout(whole.Rows, Past(inputs), layer.Index) : null;
        var own = input with { Layout = chunk ?? input.Layout, ForcedChoices_NLC = forced_NLC };
        var after_ND = layer.Forward(inputs[0], new RotaryAngles(inputs[1], inputs[2]), own, noted);
        var kept = chunk?.TakeKept(scope) ?? [];
        List<Tensor> outputs = [after_ND, .. kept.SelectMany(pair => new[] { pair.Keys_NGK, pair.Values_NGK })];
        scope.MoveToOuter(outputs);
        return outputs;
    }

    /// <summary>The choices of this layer in the form that a forward pass takes: [N, L, C], of which only this layer's are read.</summary>
    public Tensor Replay(Tensor choices_NC)
        => choices_NC.to_type(ScalarType.Int64).unsqueeze(1).expand(choices_NC.shape[0], layer.Index + 1, choices_NC.shape[1]);

    private static KeyValues[] Past(IReadOnlyList<Tensor> inputs)
        => inputs.Count > FirstPast ? [new KeyValues(inputs[FirstPast], inputs[FirstPast + 1])] : [];
}
