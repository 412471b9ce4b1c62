using System.Collections.Immutable;

namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>One launch of an attention kernel: segments of consecutive queries, each with keys of its own.</summary>
internal sealed class AttentionCall
{
    /// <param name="segments">In order of their queries, which are disjoint; rows between them get no keys in this call.</param>
    /// <param name="kind">The kernel and its mask.</param>
    /// <param name="firstQuery">The row that is the first of the query tensor.</param>
    public AttentionCall(IReadOnlyList<AttentionSegment> segments, CallKind kind, int firstQuery)
    {
        Kind = kind;
        QueryStart = segments[0].Queries.Start - firstQuery;
        RepeatedQueries = segments[0].RepeatedQueries;
        var (queryEnds, keyEnds) = (ImmutableArray.CreateBuilder<int>(), ImmutableArray.CreateBuilder<int>());
        queryEnds.Add(0);
        keyEnds.Add(0);
        var position = segments[0].Queries.Start;
        foreach (var segment in segments)
        {
            if (segment.Queries.Start > position)
            {
                queryEnds.Add(queryEnds[^1] + segment.Queries.Start - position);
                keyEnds.Add(keyEnds[^1]);
            }

            queryEnds.Add(segment.Queries.End - segments[0].Queries.Start);
            keyEnds.Add(keyEnds[^1] + segment.KeyCount);
            position = segment.Queries.End;
        }

        (QueryEnds, KeyEnds) = (queryEnds.ToImmutable(), keyEnds.ToImmutable());
        (MaxQueries, MaxKeys) = (Longest(QueryEnds), Longest(KeyEnds));
        var ranges = segments.SelectMany(segment => segment.Keys).ToList();
        KeyStart = ranges[0].Start;
        KeyRows = ranges.Zip(ranges.Skip(1)).All(pair => pair.First.End == pair.Second.Start)
            ? []
            : [.. ranges.SelectMany(range => Enumerable.Range(range.Start, range.Count))];
    }

    public CallKind Kind { get; }

    /// <summary>Its first query, counted from the first of the query tensor.</summary>
    public int QueryStart { get; }

    public int QueryCount => QueryEnds[^1];

    /// <summary>The first queries of a dense call whose results another call gives: they take no part in sums.</summary>
    public int RepeatedQueries { get; }

    /// <summary>[S + 1] Where each segment's queries begin, from <see cref="QueryStart"/>, and last their number.</summary>
    public ImmutableArray<int> QueryEnds { get; }

    /// <summary>The first key row of a call whose keys are consecutive rows.</summary>
    public int KeyStart { get; }

    public int KeyCount => KeyEnds[^1];

    /// <summary>[S + 1] Where each segment's keys begin, then their number; a segment may have none.</summary>
    public ImmutableArray<int> KeyEnds { get; }

    /// <summary>The rows that are copied together as keys; empty when the keys are the consecutive rows from <see cref="KeyStart"/>.</summary>
    public ImmutableArray<int> KeyRows { get; }

    public int MaxQueries { get; }

    public int MaxKeys { get; }

    public int SegmentCount => QueryEnds.Length - 1;

    private static int Longest(ImmutableArray<int> ends)
    {
        var longest = 0;
        for (var i = 1; i < ends.Length; i++)
        {
            longest = Math.Max(longest, ends[i] - ends[i - 1]);
        }

        return longest;
    }
}
