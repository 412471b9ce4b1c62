using System.Collections.Immutable;
using Forge.Learning.Model.Attention.Levels.Planning;

namespace Forge.Learning.Tests.Levels;

/// <summary>Random forests and what a dense mask says about them.</summary>
internal static class Forest
{
    /// <summary>Nodes of 1 row and of many, up to the given depth and number of children; several trees.</summary>
    public static ImmutableArray<int> Random(Random random, int depth = 6, int children = 5, int longest = 40, int mostRows = 600)
    {
        var ends = new List<int>();
        for (var trees = random.Next(1, 4); trees > 0; trees--)
        {
            Grow(ends, random, depth, children, longest, mostRows);
        }

        return [.. ends];
    }

    /// <summary>A trunk with a short fork before each next piece of it.</summary>
    public static ImmutableArray<int> ForkedChain(int pieces, int trunk, int fork)
    {
        var ends = new List<int>();
        var total = pieces * (trunk + fork);
        for (var piece = 0; piece < pieces; piece++)
        {
            ends.AddRange(Enumerable.Repeat(total, trunk));
            ends.AddRange(Enumerable.Repeat(ends.Count + fork, fork));
        }

        return [.. ends];
    }

    /// <summary>The keys that a query sees, by definition.</summary>
    public static IEnumerable<int> Visible(ForestRows forest, int query)
        => Enumerable.Range(0, query + 1).Where(key => query < forest.KeyEnd[key]);

    private static void Grow(List<int> ends, Random random, int depth, int children, int longest, int mostRows)
    {
        var start = ends.Count;
        var rows = random.Next(3) == 0 ? 1 : random.Next(1, longest);
        ends.AddRange(Enumerable.Repeat(0, rows));
        if (depth > 1 && ends.Count < mostRows)
        {
            for (var left = random.Next(children + 1); left > 0; left--)
            {
                Grow(ends, random, depth - 1, children, longest, mostRows);
            }
        }

        for (var row = start; row < start + rows; row++)
        {
            ends[row] = ends.Count;
        }
    }
}
