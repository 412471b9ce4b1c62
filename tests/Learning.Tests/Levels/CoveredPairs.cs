using Forge.Learning.Model.Attention.Levels.Planning;

namespace Forge.Learning.Tests.Levels;

/// <summary>Spells out which pairs of query and key row the calls of a plan compute.</summary>
internal static class CoveredPairs
{
    public static IEnumerable<(int Query, int Key)> Of(AttentionCall call, int firstQuery)
    {
        int KeyRow(int key) => call.KeyRows.IsEmpty ? call.KeyStart + key : call.KeyRows[key];
        for (var segment = 0; segment < call.SegmentCount; segment++)
        {
            var (firstKey, endKey) = (call.KeyEnds[segment], call.KeyEnds[segment + 1]);
            for (var query = Math.Max(call.QueryEnds[segment], call.RepeatedQueries); query < call.QueryEnds[segment + 1]; query++)
            {
                var visible = endKey - (call.Kind.IsCausal ? call.QueryEnds[segment + 1] - 1 - query : 0);
                for (var key = firstKey; key < visible; key++)
                {
                    yield return (firstQuery + call.QueryStart + query, KeyRow(key));
                }
            }
        }
    }

    /// <summary>Each visible pair once, and nothing else.</summary>
    public static void AssertEqualTo(ForestRows forest, LevelPlan plan)
    {
        var counts = new byte[forest.QueryCountOf(), forest.RowCount];
        foreach (var (query, key) in plan.OwnCalls.Concat(plan.PathCalls).SelectMany(call => Of(call, forest.FirstQuery)))
        {
            counts[query - forest.FirstQuery, key]++;
        }

        for (var query = forest.FirstQuery; query < forest.RowCount; query++)
        {
            for (var key = 0; key < forest.RowCount; key++)
            {
                var (expected, actual) = (key <= query && query < forest.KeyEnd[key] ? 1 : 0, counts[query - forest.FirstQuery, key]);
                if (actual != expected)
                {
                    Assert.Fail($"Query {query} meets key {key} {actual} times, expected {expected}.");
                }
            }
        }
    }

    private static int QueryCountOf(this ForestRows forest) => forest.RowCount - forest.FirstQuery;
}
