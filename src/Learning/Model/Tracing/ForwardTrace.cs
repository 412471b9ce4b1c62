// N rows, D model, E experts, C choices per row
using Forge.Learning.Model.Mixture;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Tracing;

/// <summary>Notes what happened inside one forward pass; owns the noted tensors until it is disposed.</summary>
/// <param name="contents">What to note; the rest costs nothing.</param>
public sealed class ForwardTrace(TraceContents contents) : IDisposable
{
    private readonly List<Tensor> _owned = [];
    private readonly List<LayerTrace> _layers = [];

    public Tensor? Embedding_ND { get; private set; }

    public IReadOnlyList<LayerTrace> Layers => _layers;

    /// <summary>After the final norm.</summary>
    public Tensor? Norm_ND { get; private set; }

    public void Dispose()
    {
        foreach (var tensor in _owned)
        {
            tensor.Dispose();
        }

        _owned.Clear();
        _layers.Clear();
    }

    /// <summary>What the trace notes.</summary>
    internal TraceContents Contents => contents;

    /// <summary>Notes what the chunks of one pass have noted, rows in their order, as the whole pass would have.</summary>
    internal void NoteChunks(IReadOnlyList<ForwardTrace> chunks)
    {
        Embedding_ND = Join(TraceContents.States, chunks.Select(chunk => chunk.Embedding_ND));
        Norm_ND = Join(TraceContents.States, chunks.Select(chunk => chunk.Norm_ND));
        for (var layer = 0; layer < chunks[0].Layers.Count; layer++)
        {
            var parts = chunks.Select(chunk => chunk.Layers[layer]).ToList();
            _layers.Add(new LayerTrace
            {
                AttentionOutput_ND = Join(TraceContents.SubBlocks, parts.Select(part => part.AttentionOutput_ND)),
                MixtureOutput_ND = Join(TraceContents.SubBlocks, parts.Select(part => part.MixtureOutput_ND)),
                Hidden_ND = Join(TraceContents.States, parts.Select(part => part.Hidden_ND)),
                RouterLogits_NE = Join(TraceContents.Router, parts.Select(part => part.RouterLogits_NE)),
                Choices_NC = Join(TraceContents.Choices, parts.Select(part => part.Choices_NC)),
                Weights_NC = Join(TraceContents.Router, parts.Select(part => part.Weights_NC)),
                Load_E = contents.HasFlag(TraceContents.Load) ? Sum(parts.Select(part => part.Load_E!)) : null,
            });
        }
    }

    /// <summary>Takes over the layers of another trace, which notes the same and perhaps choices beside it.</summary>
    internal void TakeLayers(ForwardTrace other)
    {
        var isAsked = contents.HasFlag(TraceContents.Choices);
        _layers.AddRange(other._layers.Select(layer => isAsked ? layer : layer with { Choices_NC = null }));
        _owned.AddRange(other._owned);
        other._layers.Clear();
        other._owned.Clear();
    }

    internal void NoteEmbedding(Tensor x_ND) => Embedding_ND = Keep(TraceContents.States, x_ND);

    internal void NoteNorm(Tensor x_ND) => Norm_ND = Keep(TraceContents.States, x_ND);

    internal void NoteLayer(Tensor before_ND, Tensor middle_ND, Tensor after_ND, Routing routing, Tensor? multiplicity_N)
        => _layers.Add(new LayerTrace
        {
            AttentionOutput_ND = KeepDifference(middle_ND, before_ND),
            MixtureOutput_ND = KeepDifference(after_ND, middle_ND),
            Hidden_ND = Keep(TraceContents.States, after_ND),
            RouterLogits_NE = Keep(TraceContents.Router, routing.Logits_NE),
            Choices_NC = Keep(TraceContents.Choices, routing.Choices_NC),
            Weights_NC = Keep(TraceContents.Router, routing.Weights_NC),
            Load_E = contents.HasFlag(TraceContents.Load) ? Load(routing, multiplicity_N) : null,
        });

    private Tensor? Keep(TraceContents part, Tensor tensor) => contents.HasFlag(part) ? Own(tensor.detach()) : null;

    private Tensor? KeepDifference(Tensor after_ND, Tensor before_ND)
        => contents.HasFlag(TraceContents.SubBlocks) ? Own(after_ND.detach().sub(before_ND.detach())) : null;

    private Tensor? Join(TraceContents part, IEnumerable<Tensor?> pieces)
        => contents.HasFlag(part) ? Own(cat([.. pieces.Select(piece => piece!)], 0)) : null;

    private Tensor Sum(IEnumerable<Tensor> pieces)
    {
        using var scope = NewDisposeScope();
        return Own(stack(pieces).sum([0L]));
    }

    private Tensor Load(Routing routing, Tensor? multiplicity_N)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var choices_NC = routing.Choices_NC;
        var experts = routing.Logits_NE.shape[1];
        var weight_N1 = multiplicity_N is null
            ? ones([choices_NC.shape[0], 1], dtype: ScalarType.Float64, device: choices_NC.device)
            : multiplicity_N.to_type(ScalarType.Float64).unsqueeze(1);
        var weight_M = weight_N1.expand(choices_NC.shape[0], choices_NC.shape[1]).reshape(-1);
        return Own(zeros([experts], dtype: ScalarType.Float64, device: choices_NC.device)
            .index_add_(0, choices_NC.flatten(), weight_M, 1));
    }

    private Tensor Own(Tensor tensor)
    {
        tensor.DetachFromDisposeScope();
        _owned.Add(tensor);
        return tensor;
    }
}
