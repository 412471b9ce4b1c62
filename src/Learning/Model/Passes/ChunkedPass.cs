// N rows, M scored edges
using System.Collections.Immutable;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Tracing;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Passes;

/// <summary>Scores a forest that is too large for one pass: chunk by chunk, with the gradients of the whole.</summary>
/// <remarks>
/// <code>
/// forward    chunk 0 → 1 → … → C − 1     without graph; of each chunk remain the keys and values that later chunks see
/// backward   chunk C − 1 → … → 1 → 0     each computed again with its graph; what later chunks found as the gradients of its
///                                        keys and values (summed in at least fp32) enters beside its own edges' gradients
/// </code>
/// At most one chunk's activations exist at a time. Experts are chosen in the forward pass and replayed in the backward pass, so both
/// compute the same function.
/// </remarks>
public static class ChunkedPass
{
    /// <param name="model">The policy.</param>
    /// <param name="input">All rows; its layout holds plain sequences or prefix trees.</param>
    /// <param name="cuts">Boundaries of the chunks: 0, any rows in rising order, the number of rows.</param>
    /// <param name="edges">What is scored.</param>
    /// <param name="trace">Notes what one pass over all rows would have noted; may be null.</param>
    /// <returns>One log-probability and one entropy per edge, with gradients as in one pass.</returns>
    /// <exception cref="ArgumentException">The layout has no trees, or cuts or edges are out of order.</exception>
    public static TokenScores Score(
        MiniMaxM2ForCausalLM model, ModelInput input, ImmutableArray<int> cuts, ScoredEdges edges, ForwardTrace? trace = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(edges);
        return Run(new ChunkedWork(model, Split(input, cuts), Checked(edges)), input, edges.EntropyGradient, trace);
    }

    /// <summary>Splits the rows of an input that holds plain sequences or prefix trees.</summary>
    internal static ImmutableArray<ChunkRows> Split(ModelInput input, ImmutableArray<int> cuts)
    {
        var (starts, keyEnd) = input.Layout switch
        {
            PackedSequences sequences => (sequences.Starts, []),
            PrefixTrees trees => (trees.Starts, trees.KeyEnd),
            _ => throw new ArgumentException($"A {input.Layout.GetType().Name} can't be cut into chunks.", nameof(input)),
        };
        return ChunkRows.Split(starts, keyEnd, cuts);
    }

    /// <summary>Runs prepared work.</summary>
    internal static TokenScores Run(ChunkedWork work, ModelInput input, bool entropyGradient, ForwardTrace? trace)
    {
        using var scope = NewDisposeScope();
        var scores = ChunkedScoreFunction.apply([.. work.Parameters, work, input, trace!]);
        var entropy_M = entropyGradient ? scores[1] : scores[1].detach();
        return new TokenScores(scores[0].MoveToOuterDisposeScope(), entropy_M.MoveToOuterDisposeScope());
    }

    private static ScoredEdges Checked(ScoredEdges edges)
    {
        if (edges.Rows.Zip(edges.Rows.Skip(1)).Any(pair => pair.First > pair.Second))
        {
            throw new ArgumentException("Edges must be in the order of their rows.", nameof(edges));
        }

        return edges;
    }
}
