// N rows, L layers, C choices per row, M scored edges
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Tracing;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Passes;

/// <summary>The graph node of a <see cref="ChunkedPass"/>.</summary>
/// <remarks>
/// Arguments of <c>apply</c>: the parameters, the <see cref="ChunkedWork"/>, the <see cref="ModelInput"/> of all rows, and a
/// <see cref="ForwardTrace"/> or null. Result: log-probabilities [M], entropies [M].
/// </remarks>
internal sealed class ChunkedScoreFunction : autograd.MultiTensorFunction<ChunkedScoreFunction>
{
    // Saved before the kept keys and values: ids, positions, choices.
    private const int SavedInputs = 3;

    public override string Name => nameof(ChunkedScoreFunction);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (work, whole, noted) = ((ChunkedWork)vars[^3], (ModelInput)vars[^2], (ForwardTrace?)vars[^1]);
        var traces = work.Chunks.Select(_ => new ForwardTrace((noted?.Contents ?? TraceContents.None) | TraceContents.Choices)).ToList();
        var (scores, kept) = (new List<ChunkScores>(), new List<IReadOnlyList<KeyValues>>());
        for (var chunk = 0; chunk < work.Chunks.Length; chunk++)
        {
            using var scope = NewDisposeScope();
            var one = work.Run(chunk, whole, work.Past(chunk, kept), traces[chunk]);
            scope.MoveToOuter(Tensors(one.Kept).Concat([one.LogProb_M, one.Entropy_M]).OfType<Tensor>());
            scores.Add(one);
            kept.Add(one.Kept);
        }

        noted?.NoteChunks(traces);
        var choices_NLC = cat([.. traces.Select(trace => stack(trace.Layers.Select(layer => layer.Choices_NC!), 1))], 0).to_type(ScalarType.Int16);
        traces.ForEach(trace => trace.Dispose());
        ctx.save_for_backward([whole.Ids_N, whole.Positions_N, choices_NLC, .. kept.SelectMany(Tensors)]);
        ctx.save_data(nameof(ChunkedWork), work);
        ctx.save_data(nameof(ModelInput), whole);
        ctx.set_materialize_grads(false);
        return [Join(scores.Select(one => one.LogProb_M), work, whole), Join(scores.Select(one => one.Entropy_M), work, whole)];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var work = (ChunkedWork)ctx.get_data(nameof(ChunkedWork));
        var whole = (ModelInput)ctx.get_data(nameof(ModelInput)) with { Ids_N = saved[0], Positions_N = saved[1], ForcedChoices_NLC = saved[2] };
        var backward = new ChunkedBackward(work, whole with { Multiplicity_N = null }, Group(work, saved), scope);
        for (var chunk = work.Chunks.Length - 1; chunk >= 0; chunk--)
        {
            backward.Run(chunk, grad_outputs[0], grad_outputs[1]);
        }

        List<Tensor?> gradients = [.. backward.ParameterGradients()];
        scope.MoveToOuter(gradients.OfType<Tensor>());
        return [.. gradients.Select(gradient => gradient!), null!, null!, null!];
    }

    private static IEnumerable<Tensor> Tensors(IReadOnlyList<KeyValues> kept) => kept.SelectMany(pair => new[] { pair.Keys_NGK, pair.Values_NGK });

    private static Tensor Join(IEnumerable<Tensor?> pieces, ChunkedWork work, ModelInput whole)
        => pieces.OfType<Tensor>().ToList() is { Count: > 0 } some ? cat(some, 0) : empty([0], dtype: work.WideDtype, device: whole.Ids_N.device);

    // Chunk by chunk what was saved for its layers.
    private static List<IReadOnlyList<KeyValues>> Group(ChunkedWork work, List<Tensor> saved)
    {
        var next = SavedInputs;
        return [.. work.Chunks.Select(rows => (IReadOnlyList<KeyValues>)[.. Enumerable
            .Range(0, rows.Kept.Length == 0 ? 0 : work.LayerCount)
            .Select(_ => new KeyValues(saved[next++], saved[next++]))])];
    }
}
