using System.Collections.Immutable;

namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>Consecutive queries and the keys that they see in one call: all of them, or up to the query's own row.</summary>
/// <param name="Queries">Query rows.</param>
/// <param name="Keys">Key rows, in the order of the path; under a causal call they end with the queries' own rows.</param>
internal sealed record AttentionSegment(RowRange Queries, ImmutableArray<RowRange> Keys)
{
    /// <summary>How many of the first queries stand in an earlier segment of the same keys too, and are computed here for their shape alone.</summary>
    public int RepeatedQueries { get; init; }

    public int KeyCount => Keys.Sum(range => range.Count);

    /// <summary>The first <paramref name="count"/> keys and the others.</summary>
    public (ImmutableArray<RowRange> First, ImmutableArray<RowRange> Others) SplitKeys(int count)
    {
        var (first, others) = (ImmutableArray.CreateBuilder<RowRange>(), ImmutableArray.CreateBuilder<RowRange>());
        foreach (var range in Keys)
        {
            var taken = Math.Clamp(count, 0, range.Count);
            if (taken > 0)
            {
                first.Add(range with { End = range.Start + taken });
            }

            if (taken < range.Count)
            {
                others.Add(range with { Start = range.Start + taken });
            }

            count -= taken;
        }

        return (first.ToImmutable(), others.ToImmutable());
    }
}
