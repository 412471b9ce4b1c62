using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>Cuts the rows of a batch into chunks that fit the row budget.</summary>
/// <remarks>
/// A cut before row b lets Positions[b] rows' keys and values cross it: b's ancestors, the living path. Each chunk is as long as the
/// budget allows, unless a subtree ends within its last quarter; then it ends there, and among several where the living path is
/// shortest, so that fewer keys and values cross and no branch is torn for the sake of a few rows. In the last quarter no later
/// row has a shorter living path than that, so nothing is lost but the rows that move to the next chunk.
/// </remarks>
internal static class ChunkCuts
{
    /// <summary>[C + 1] Boundaries from 0 to the number of rows.</summary>
    /// <param name="positions">[N] Depth of each row.</param>
    /// <param name="budget">Most rows of a chunk, at least 1.</param>
    public static ImmutableArray<int> Place(ReadOnlySpan<int> positions, int budget)
    {
        var cuts = ImmutableArray.CreateBuilder<int>();
        cuts.Add(0);
        while (positions.Length - cuts[^1] > budget)
        {
            cuts.Add(Boundary(positions, cuts[^1], budget));
        }

        cuts.Add(positions.Length);
        return cuts.ToImmutable();
    }

    private static int Boundary(ReadOnlySpan<int> positions, int start, int budget)
    {
        var (best, shortest) = (start + budget, int.MaxValue);
        for (var boundary = start + budget; boundary >= start + budget - (budget / 4); boundary--)
        {
            var endsSubtree = positions[boundary] <= positions[boundary - 1];
            if (endsSubtree && positions[boundary] < shortest)
            {
                (best, shortest) = (boundary, positions[boundary]);
            }
        }

        return best;
    }
}
