using System.Collections.Immutable;

namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>Cuts what the dense kernel does faster out of a segment.</summary>
/// <remarks>
/// cuDNN builds a graph for every new shape, which takes 40 to 400 ms, and keeps it. So pieces have few sizes: queries powers of two, keys
/// quarter steps between powers of two; what is left over goes to the segmented kernel. About 200 graphs serve every tree.
/// </remarks>
internal static class DensePieces
{
    /// <summary>Rectangles for the dense kernel, and segments for the segmented one that cover the rest.</summary>
    public static (List<AttentionSegment> Dense, List<AttentionSegment> Others) OfRectangle(AttentionSegment segment, LevelCosts costs)
    {
        var (keyCount, queries, least) = (segment.KeyCount, segment.Queries, costs.LeastDenseRows);
        var denseKeys = QuarterStep(keyCount);
        var dense = new List<AttentionSegment>();
        var (keys, otherKeys) = segment.SplitKeys(denseKeys);
        var row = queries.Start;
        for (var size = PowerOfTwo(queries.Count); size >= least && denseKeys >= least; size /= 2)
        {
            if (queries.End - row >= size && costs.DenseRectangle(size, denseKeys) < costs.Rectangle(size, denseKeys))
            {
                dense.Add(new AttentionSegment(new RowRange(row, row + size), keys));
                row += size;
            }
        }

        var (covered, left) = (row - queries.Start, denseKeys < keyCount);
        var cost = dense.Sum(piece => costs.DenseRectangle(piece.Queries.Count, denseKeys))
            + (left ? costs.Rectangle(covered, keyCount - denseKeys) + costs.Merge(covered) + costs.Gather(keyCount - denseKeys) : 0);
        if (dense.Count == 0 || cost >= costs.Rectangle(covered, keyCount))
        {
            return ([], [segment]);
        }

        var others = new List<AttentionSegment>();
        if (left)
        {
            others.Add(new AttentionSegment(queries with { End = row }, otherKeys));
        }

        if (row < queries.End)
        {
            others.Add(segment with { Queries = queries with { Start = row } });
        }

        return (dense, others);
    }

    /// <summary>A causal square for the dense kernel and the segment's remaining rows; null when the segmented kernel is better.</summary>
    public static (AttentionSegment Dense, AttentionSegment? Others)? OfCausal(AttentionSegment segment, LevelCosts costs)
    {
        var queries = segment.Queries;
        var size = QuarterStep(queries.Count);
        if (segment.KeyCount != queries.Count || size < costs.LeastDenseRows || costs.DenseCausal(size) >= costs.Causal(size, sharesTiles: false))
        {
            return null;
        }

        var square = queries with { End = queries.Start + size };
        ImmutableArray<RowRange> own = [square];
        return (
            new AttentionSegment(square, own),
            size == queries.Count ? null : segment with { Queries = queries with { Start = square.End } });
    }

    /// <summary>The largest of 4, 5, 6, 7 times a power of two that is not above the count; the count itself below 4.</summary>
    public static int QuarterStep(int count)
    {
        var unit = Math.Max(PowerOfTwo(count) / 4, 1);
        return count / unit * unit;
    }

    private static int PowerOfTwo(int count) => count <= 0 ? 0 : 1 << (31 - int.LeadingZeroCount(count));
}
