using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>
/// One forward and backward pass: token rows without padding, the predictions ("edges") that are scored on them, and for every
/// sample the edges that its response reads. The loss is evaluated per sample as if nothing had been merged; coefficients of
/// an edge that several samples read add up in the gather's backward pass.
/// </summary>
/// <remarks>
/// Rows are a forest in depth-first preorder: row q sees row k as a key iff both stand in one tree and k ≤ q &lt; KeyEnd[k]. A plain
/// sequence is a tree without branches.
/// <code>
/// rows      0 1 2 3 4 5 | 6 7 8 …          TreeStarts = [0, 6, …]
/// edges     (source row, target id)         row r predicts tokens that may or may not be fed at a later row
/// samples   sample s reads SampleEdges[SampleStarts[s] .. SampleStarts[s + 1])
/// </code>
/// </remarks>
public sealed record PackedBatch
{
    /// <summary>[N] Token ids of the rows.</summary>
    public required ImmutableArray<int> TokenIds { get; init; }

    /// <summary>[N] Position of each row on its own path from the tree's root, from 0; siblings repeat positions.</summary>
    public required ImmutableArray<int> Positions { get; init; }

    /// <summary>[T + 1] First row of each tree, then N.</summary>
    public required ImmutableArray<int> TreeStarts { get; init; }

    /// <summary>[N] One past the last row that sees this row as a key (its last descendant); empty when no tree branches.</summary>
    public required ImmutableArray<int> KeyEnd { get; init; }

    /// <summary>[N] How many samples feed this row: what expert loads are weighted by, so that merging can't change them.</summary>
    public required ImmutableArray<int> Multiplicity { get; init; }

    /// <summary>
    /// [C + 1] Row boundaries 0 … N of the chunks that are computed one after the other; [0, N] when all fits in one pass. A chunk's
    /// rows see earlier chunks' rows by the same rule, so their keys and values cross the boundary, forward and backward.
    /// </summary>
    public required ImmutableArray<int> Cuts { get; init; }

    /// <summary>[N × layers × choices] Recorded experts to replay, −1 where the row is routed afresh; empty without router replay.</summary>
    public ImmutableArray<short> RoutedExperts { get; init; } = [];

    /// <summary>[E] The row whose output predicts the edge's target; ascending.</summary>
    public required ImmutableArray<int> EdgeRows { get; init; }

    /// <summary>[E] The predicted token id.</summary>
    public required ImmutableArray<int> EdgeTargets { get; init; }

    /// <summary>[P] For every response token of every sample, in sample order, the edge that scores it.</summary>
    public required ImmutableArray<int> SampleEdges { get; init; }

    /// <summary>[number of samples + 1] First entry of each sample in <see cref="SampleEdges"/>, then P.</summary>
    public required ImmutableArray<int> SampleStarts { get; init; }

    /// <summary>[number of samples] Index of each sample in the list that was packed.</summary>
    public required ImmutableArray<int> SampleIndices { get; init; }

    public int TokenCount => TokenIds.Length;

    public int ScoredTokenCount => SampleEdges.Length;

    public bool HasBranches => !KeyEnd.IsEmpty;

    public bool IsCut => Cuts.Length > 2;
}
