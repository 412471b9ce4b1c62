using System.Collections.Immutable;

namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>Cuts what the dense kernel does faster out of a segment.</summary>
/// <remarks>
/// cuDNN builds a graph for every new shape, which takes 40 to 400 ms, and keeps it. So pieces have few sizes, quarter steps between powers
/// of two. A rectangle's queries are covered by pieces of one size of which the last begins early, so that none is left over:
/// <code>
/// queries   |────────── 8184 ──────────|
/// pieces    |──── 4096 ────|                     the last computes 8 queries a second time, which take no part in any sum
///                         |──── 4096 ────|
/// </code>
/// Keys can't be covered twice: what is left over of them goes to the segmented kernel.
/// </remarks>
internal static class DensePieces
{
    // More are not worth what their launches take.
    private const int MostPieces = 4;

    /// <summary>Rectangles for the dense kernel, and segments for the segmented one that cover the rest.</summary>
    public static (List<AttentionSegment> Dense, List<AttentionSegment> Others) OfRectangle(AttentionSegment segment, LevelCosts costs)
    {
        var (keyCount, queries) = (segment.KeyCount, segment.Queries);
        var denseKeys = QuarterStep(keyCount);
        var best = Covers(queries.Count, costs.LeastDenseRows)
            .Select(cover => (Cover: cover, Cost: Cost(cover.Covered, cover.Pieces, cover.Size)))
            .DefaultIfEmpty((Cover: default, Cost: double.PositiveInfinity))
            .MinBy(choice => choice.Cost);
        if (denseKeys < costs.LeastDenseRows || best.Cost >= costs.Rectangle(queries.Count, keyCount))
        {
            return ([], [segment]);
        }

        var (pieces, size, covered) = best.Cover;
        var (keys, otherKeys) = segment.SplitKeys(denseKeys);
        var end = queries.Start + covered;
        var dense = Enumerable.Range(0, pieces).Select(piece => Piece(queries.Start + (piece * size), size, end, keys)).ToList();
        var others = new List<AttentionSegment>();
        if (denseKeys < keyCount)
        {
            others.Add(new AttentionSegment(queries with { End = end }, otherKeys));
        }

        if (end < queries.End)
        {
            others.Add(segment with { Queries = queries with { Start = end } });
        }

        return (dense, others);

        double Cost(int rows, int count, int rowsOfPiece)
        {
            var otherKeyCount = keyCount - denseKeys;
            return (count * costs.DenseRectangle(rowsOfPiece, denseKeys))
                + (otherKeyCount > 0 ? costs.Rectangle(rows, otherKeyCount) + costs.Merge(rows) + costs.Gather(otherKeyCount) : 0)
                + (rows < queries.Count ? costs.Rectangle(queries.Count - rows, keyCount) : 0);
        }
    }

    // One piece that leaves some rows over, or a few of the smallest size that cover all.
    private static IEnumerable<(int Pieces, int Size, int Covered)> Covers(int queries, int least)
    {
        var largest = QuarterStep(queries);
        if (largest < least)
        {
            yield break;
        }

        yield return (1, largest, largest);
        for (var pieces = 2; pieces <= MostPieces; pieces++)
        {
            var size = Math.Max(QuarterStepAbove((queries + pieces - 1) / pieces), least);
            if (size <= largest && size * (pieces - 1) < queries)
            {
                yield return (pieces, size, queries);
            }
        }
    }

    private static AttentionSegment Piece(int start, int size, int end, ImmutableArray<RowRange> keys)
    {
        var repeated = Math.Max(0, start + size - end);
        return new AttentionSegment(new RowRange(start - repeated, start - repeated + size), keys) { RepeatedQueries = repeated };
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

    private static int QuarterStepAbove(int count)
    {
        var below = QuarterStep(count);
        return below == count ? count : below + Math.Max(PowerOfTwo(count) / 4, 1);
    }

    private static int PowerOfTwo(int count) => count <= 0 ? 0 : 1 << (31 - int.LeadingZeroCount(count));
}
