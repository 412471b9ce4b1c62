using System.Collections.Immutable;

namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>
/// The kernel calls that together show every query of a forest each of its keys once.
/// </summary>
/// <remarks>
/// <code>
/// rows   P P P P A A B B C        A, B, C follow P; every row is a query
/// own    P P P P|A A|B B|C        causal, one segment per node, or per run of first children
/// paths          └ P P P P ┘      a rectangle: all descendants see all of P
/// </code>
/// A node either closes (one rectangle for its descendants) or is carried (its keys are copied in front of each child's own):
/// <see cref="PathPlanner"/>. Rectangles that have as many closed nodes above them have disjoint queries and go into one call.
/// </remarks>
internal sealed class LevelPlan
{
    // The flash kernel's backward pass holds 128 rows of fp32 per segment beside those of its queries: at most as many again, on large forests.
    private const int RowsPerSegment = 128;
    private const int LeastMostSegments = 256;

    // Rows without keys that a call may pass over rather than end there: what a launch costs, in rows.
    private const int MostSkipped = 2048;

    private readonly IReadOnlyList<TreeNode> _nodes;
    private readonly NodeChoice[] _choices;
    private readonly LevelCosts _costs;
    private readonly int _firstQuery;

    private LevelPlan(ForestRows forest, LevelCosts costs, ClosingRule rule)
    {
        (_nodes, _costs, _firstQuery) = (forest.Nodes(), costs, forest.FirstQuery);
        _choices = PathPlanner.Choose(_nodes, _firstQuery, costs, rule);
        (RowCount, QueryCount) = (forest.RowCount, forest.RowCount - _firstQuery);
        OwnCalls = PackOwn(OwnSegments());
        PathCalls = [.. Levels().SelectMany(PackLevel)];
    }

    /// <summary>Key rows: all.</summary>
    public int RowCount { get; }

    /// <summary>Query rows: the last ones.</summary>
    public int QueryCount { get; }

    /// <summary>Every query stands in exactly one of them, and sees itself there.</summary>
    public ImmutableArray<AttentionCall> OwnCalls { get; }

    /// <summary>What is merged into the results of the own calls.</summary>
    public ImmutableArray<AttentionCall> PathCalls { get; }

    public int CallCount => OwnCalls.Length + PathCalls.Length;

    /// <param name="forest">Which rows see which.</param>
    /// <param name="costs">What the kernels take.</param>
    /// <param name="rule">Other rules than the planned one are for comparison.</param>
    public static LevelPlan For(ForestRows forest, LevelCosts costs, ClosingRule rule = ClosingRule.Planned) => new(forest, costs, rule);

    private List<AttentionSegment> OwnSegments()
    {
        var segments = new List<AttentionSegment>();
        for (var node = 0; node < _nodes.Count; node++)
        {
            var (one, carried) = (_nodes[node], _choices[node].Carried);
            if (one.Start < _firstQuery)
            {
                continue;
            }

            if (carried > 0 && _nodes[one.Parent].End == one.Start && one.Start > _firstQuery)
            {
                var above = segments[^1];
                segments[^1] = new AttentionSegment(
                    above.Queries with { End = one.End }, [.. above.Keys[..^1], above.Keys[^1] with { End = one.End }]);
            }
            else
            {
                segments.Add(new AttentionSegment(new RowRange(one.Start, one.End), Keys(node)));
            }
        }

        return segments;
    }

    private List<List<AttentionSegment>> Levels()
    {
        var levels = new List<List<AttentionSegment>>();
        var closedAbove = new int[_nodes.Count];
        for (var node = 0; node < _nodes.Count; node++)
        {
            var one = _nodes[node];
            closedAbove[node] = one.Parent < 0 ? 0 : closedAbove[one.Parent] + (_choices[one.Parent].Closes ? 1 : 0);
            var queries = new RowRange(Math.Max(one.End, _firstQuery), one.SubtreeEnd);
            if (!_choices[node].Closes || queries.Count <= 0)
            {
                continue;
            }

            while (levels.Count <= closedAbove[node])
            {
                levels.Add([]);
            }

            levels[closedAbove[node]].Add(new AttentionSegment(queries, Keys(node)));
        }

        return levels;
    }

    /// <summary>The carried nodes' rows and the node's own, neighbours joined.</summary>
    private ImmutableArray<RowRange> Keys(int node)
    {
        var ranges = new Stack<RowRange>();
        for (var left = _choices[node].Carried; left >= 0; left--)
        {
            var one = _nodes[node];
            node = one.Parent;
            ranges.Push(ranges.TryPeek(out var below) && below.Start == one.End
                ? new RowRange(one.Start, ranges.Pop().End)
                : new RowRange(one.Start, one.End));
        }

        return [.. ranges];
    }

    private ImmutableArray<AttentionCall> PackOwn(List<AttentionSegment> segments)
    {
        var calls = ImmutableArray.CreateBuilder<AttentionCall>();
        var waiting = new List<AttentionSegment>();
        foreach (var segment in segments)
        {
            if (DensePieces.OfCausal(segment, _costs) is { } pieces)
            {
                calls.AddRange(Pack(waiting, isCausal: true));
                waiting.Clear();
                calls.Add(new AttentionCall([pieces.Dense], new CallKind(IsDense: true, IsCausal: true), _firstQuery));
                waiting.AddRange(pieces.Others is { } left ? [left] : []);
            }
            else
            {
                waiting.Add(segment);
            }
        }

        calls.AddRange(Pack(waiting, isCausal: true));
        return calls.ToImmutable();
    }

    private IEnumerable<AttentionCall> PackLevel(List<AttentionSegment> rectangles)
    {
        var waiting = new List<AttentionSegment>();
        foreach (var (dense, others) in rectangles.Select(rectangle => DensePieces.OfRectangle(rectangle, _costs)))
        {
            foreach (var piece in dense)
            {
                yield return new AttentionCall([piece], new CallKind(IsDense: true, IsCausal: false), _firstQuery);
            }

            waiting.AddRange(others);
        }

        foreach (var call in Pack(waiting, isCausal: false))
        {
            yield return call;
        }
    }

    private IEnumerable<AttentionCall> Pack(List<AttentionSegment> segments, bool isCausal)
    {
        var kind = new CallKind(IsDense: false, isCausal);
        var mostSegments = Math.Max(RowCount / RowsPerSegment, LeastMostSegments);
        var first = 0;
        for (var next = 1; next <= segments.Count; next++)
        {
            if (next == segments.Count || next - first == mostSegments
                || segments[next].Queries.Start - segments[next - 1].Queries.End > MostSkipped)
            {
                yield return new AttentionCall(segments.GetRange(first, next - first), kind, _firstQuery);
                first = next;
            }
        }
    }
}
