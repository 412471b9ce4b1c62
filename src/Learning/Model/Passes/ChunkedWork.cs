// N rows, P rows of the path above a chunk
using System.Collections.Immutable;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Tracing;
using Forge.Learning.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Passes;

/// <summary>Computes single chunks of a forest: what forward and backward of a chunked pass share. Holds no tensors but parameters.</summary>
/// <param name="model">The policy.</param>
/// <param name="chunks">All rows, in order.</param>
/// <param name="edges">What is scored, in row order.</param>
internal sealed class ChunkedWork(MiniMaxM2ForCausalLM model, ImmutableArray<ChunkRows> chunks, ScoredEdges edges)
{
    public ImmutableArray<ChunkRows> Chunks => chunks;

    public ImmutableArray<Tensor> Parameters { get; } = [.. model.parameters().Where(parameter => parameter.requires_grad)];

    /// <summary>Makes the sum of one layer's key or value gradients of the rows that a chunk keeps.</summary>
    public Func<DisposeScope, ScalarType, GradientSum> NewKeySum { get; init; } = (owner, dtype) => new GradientSum(owner, dtype);

    public int LayerCount => model.Layers.Count;

    /// <summary>The precision of scores, and of gradients that several chunks add to.</summary>
    public ScalarType WideDtype => model.Placement.WideDtype;

    /// <summary>The chunk's edges.</summary>
    public Range Edges(int chunk) => FirstEdge(chunks[chunk].First)..FirstEdge(chunks[chunk].Last);

    /// <summary>Keys and values of the path above a chunk, for every layer; empty when a tree begins with the chunk.</summary>
    /// <param name="chunk">Which.</param>
    /// <param name="kept">What earlier chunks keep.</param>
    public IReadOnlyList<KeyValues> Past(int chunk, IReadOnlyList<IReadOnlyList<KeyValues>> kept)
    {
        var segments = chunks[chunk].Past;
        return segments.IsEmpty ? [] : [.. Enumerable.Range(0, LayerCount).Select(layer => new KeyValues(
            Join(segments.Select(segment => kept[segment.Chunk][layer].Keys_NGK.narrow(0, 0, segment.Count))),
            Join(segments.Select(segment => kept[segment.Chunk][layer].Values_NGK.narrow(0, 0, segment.Count)))))];
    }

    /// <summary>Runs one chunk, with a graph if enabled; results belong to the caller's dispose scope.</summary>
    /// <param name="chunk">Which.</param>
    /// <param name="whole">The rows of all chunks.</param>
    /// <param name="past">Keys and values of the path above it.</param>
    /// <param name="trace">Notes the chunk's layers; may be null.</param>
    public ChunkScores Run(int chunk, ModelInput whole, IReadOnlyList<KeyValues> past, ForwardTrace? trace)
    {
        using var scope = NewDisposeScope();
        var rows = chunks[chunk];
        var layout = new ChunkLayout(rows, past);
        Tensor Own(Tensor all) => all.narrow(0, rows.First, rows.Count);
        var input = new ModelInput(Own(whole.Ids_N), Own(whole.Positions_N), layout)
        {
            ForcedChoices_NLC = whole.ForcedChoices_NLC is { } forced ? Own(forced).to_type(ScalarType.Int64) : null,
            Multiplicity_N = whole.Multiplicity_N is { } multiplicity ? Own(multiplicity) : null,
            CheckpointLayers = whole.CheckpointLayers,
        };
        var hidden_ND = model.Forward(input, trace);
        var scores = Score(chunk, hidden_ND);
        scores?.LogProb_M.MoveToOuterDisposeScope();
        scores?.Entropy_M.MoveToOuterDisposeScope();
        var kept = layout.TakeKept(scope);
        scope.MoveToOuter(kept.SelectMany(pair => new[] { pair.Keys_NGK, pair.Values_NGK }));
        return new ChunkScores(scores?.LogProb_M, scores?.Entropy_M, kept);
    }

    private static Tensor Join(IEnumerable<Tensor> pieces) => cat([.. pieces], 0);

    private TokenScores? Score(int chunk, Tensor hidden_ND)
    {
        var (first, own) = (chunks[chunk].First, Edges(chunk));
        var (rows, targets) = (edges.Rows[own], edges.Targets[own]);
        return rows.IsEmpty ? null : model.ScoreEdges(
            hidden_ND,
            IndexTensor.Of([.. rows.Select(row => row - first)], hidden_ND.device),
            IndexTensor.Of([.. targets], hidden_ND.device),
            edges.Temperature,
            edges.EntropyGradient);
    }

    // Edges before the first whose row is at least the given one.
    private int FirstEdge(int row)
    {
        var (low, high) = (0, edges.Rows.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = edges.Rows[middle] < row ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
