using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Forge.Core.Packing.Trees;

namespace Forge.Core.Packing;

/// <summary>
/// The predictions of a batch: every distinct (row, target) is one edge, ascending by row and by first appearance within a row, and
/// every response token of every sample knows its edge.
/// </summary>
internal sealed class EdgeTable
{
    private readonly int[] _rows;
    private readonly int[] _targets;
    private readonly int[] _sampleEdges;
    private readonly int[] _sampleStarts;

    /// <param name="forest">The fed tokens of the samples, merged.</param>
    /// <param name="samples">The samples, in the forest's order.</param>
    public EdgeTable(PrefixForest forest, ReadOnlySpan<TrainingSample> samples)
    {
        _sampleStarts = Starts(samples);
        var rows = PredictingRows(forest, samples);
        var (ranks, firstEdge) = Rank(rows, samples, forest.RowCount);
        (_rows, _targets) = (new int[firstEdge[^1]], new int[firstEdge[^1]]);
        _sampleEdges = new int[rows.Length];
        var place = 0;
        foreach (var sample in samples)
        {
            foreach (var target in sample.ResponseIds)
            {
                var edge = firstEdge[rows[place]] + ranks[place];
                (_rows[edge], _targets[edge]) = (rows[place], target);
                _sampleEdges[place++] = edge;
            }
        }
    }

    public ImmutableArray<int> Rows => ImmutableCollectionsMarshal.AsImmutableArray(_rows);

    public ImmutableArray<int> Targets => ImmutableCollectionsMarshal.AsImmutableArray(_targets);

    public ImmutableArray<int> SampleEdges => ImmutableCollectionsMarshal.AsImmutableArray(_sampleEdges);

    public ImmutableArray<int> SampleStarts => ImmutableCollectionsMarshal.AsImmutableArray(_sampleStarts);

    private static int[] Starts(ReadOnlySpan<TrainingSample> samples)
    {
        var starts = new int[samples.Length + 1];
        for (var index = 0; index < samples.Length; index++)
        {
            starts[index + 1] = starts[index] + samples[index].ResponseIds.Length;
        }

        return starts;
    }

    // A sample's last fed row predicts its last response token, the row before it the token before, and so on.
    private int[] PredictingRows(PrefixForest forest, ReadOnlySpan<TrainingSample> samples)
    {
        var rows = new int[_sampleStarts[^1]];
        for (var index = 0; index < samples.Length; index++)
        {
            var row = forest.EndRows[index];
            for (var place = _sampleStarts[index + 1] - 1; place >= _sampleStarts[index]; place--)
            {
                rows[place] = row;
                row = forest.Parents[row];
            }
        }

        return rows;
    }

    // Each place's rank among the distinct targets of its row, and the first edge of each row. Only rows with several targets meet
    // the dictionary: nearly all rows predict one.
    private static (int[] Ranks, int[] FirstEdge) Rank(int[] rows, ReadOnlySpan<TrainingSample> samples, int rowCount)
    {
        var ranks = new int[rows.Length];
        var (firstTarget, firstEdge) = (new int[rowCount], new int[rowCount + 1]);
        var others = new Dictionary<(int Row, int Target), int>();
        var place = 0;
        foreach (var sample in samples)
        {
            foreach (var target in sample.ResponseIds)
            {
                var row = rows[place];
                ref var targets = ref firstEdge[row + 1];
                if (targets == 0)
                {
                    (firstTarget[row], targets) = (target, 1);
                }
                else if (firstTarget[row] != target)
                {
                    ref var rank = ref CollectionsMarshal.GetValueRefOrAddDefault(others, (row, target), out var known);
                    rank = known ? rank : targets++;
                    ranks[place] = rank;
                }

                place++;
            }
        }

        for (var row = 0; row < rowCount; row++)
        {
            firstEdge[row + 1] += firstEdge[row];
        }

        return (ranks, firstEdge);
    }
}
