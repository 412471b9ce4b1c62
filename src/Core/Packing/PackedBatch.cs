using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>
/// One forward and backward pass: token rows without padding, the predictions ("edges") that are scored on them, and for every
/// sample the edges that its response reads. The loss is evaluated per sample as if nothing had been merged; coefficients of
/// an edge that several samples read add up in the gather's backward pass.
/// </summary>
/// <remarks>
/// <code>
/// rows      0 1 2 3 4 5 | 6 7 8 …          SequenceStarts = [0, 6, …]
/// edges     (source row, target id)         row r predicts a token that may or may not be fed at row r + 1
/// samples   sample s reads SampleEdges[SampleStarts[s] .. SampleStarts[s + 1])
/// </code>
/// </remarks>
public sealed record PackedBatch
{
    /// <summary>[N] Token ids of the rows.</summary>
    public required ImmutableArray<int> TokenIds { get; init; }

    /// <summary>[N] Position of each row within its own sequence, from 0.</summary>
    public required ImmutableArray<int> Positions { get; init; }

    /// <summary>[S + 1] First row of each sequence, then N.</summary>
    public required ImmutableArray<int> SequenceStarts { get; init; }

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
}
