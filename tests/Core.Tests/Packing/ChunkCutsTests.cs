using Forge.Core.Packing;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Packing;

public sealed class ChunkCutsTests
{
    [Fact]
    public void Place_leaves_what_fits_whole() => Assert.Equal([0, 4], ChunkCuts.Place([0, 1, 2, 3], 4));

    [Fact]
    public void Place_fills_the_budget_where_no_subtree_ends()
        => Assert.Equal([0, 4, 8, 9], ChunkCuts.Place([0, 1, 2, 3, 4, 5, 6, 7, 8], 4));

    [Fact]
    public void Place_ends_a_chunk_at_the_shortest_living_path_of_its_last_quarter()
    {
        int[] positions = [0, 1, 2, 3, 4, 5, 6, 3, 4, 4, 5, 6, 7];

        Assert.Equal([0, 7, 13], ChunkCuts.Place(positions, 9));
        Assert.Equal([0, 7, 13], ChunkCuts.Place(positions, 8));
        Assert.Equal([0, 9, 13], ChunkCuts.Place(positions, 10));
    }

    [Fact]
    public void Place_takes_the_last_of_equally_short_living_paths()
        => Assert.Equal([0, 8, 9], ChunkCuts.Place([0, 1, 1, 1, 1, 1, 1, 1, 1], 8));

    [Fact]
    public void Place_leaves_a_subtree_that_ends_before_the_last_quarter()
        => Assert.Equal([0, 8, 10], ChunkCuts.Place([0, 1, 2, 3, 1, 2, 3, 4, 5, 6], 8));

    [Fact]
    public void Place_never_makes_a_chunk_shorter_than_three_quarters_but_the_last()
    {
        var shapes = from budget in Gen.Choose(1, 30)
                     from steps in Gen.Choose(0, int.MaxValue).ArrayOf(200)
                     select (budget, steps);

        Prop.ForAll(shapes.ToArbitrary(), shape =>
        {
            var positions = new int[shape.steps.Length];
            for (var row = 1; row < positions.Length; row++)
            {
                positions[row] = shape.steps[row] % 3 > 0 ? positions[row - 1] + 1 : shape.steps[row] % (positions[row - 1] + 1);
            }

            var cuts = ChunkCuts.Place(positions, shape.budget);
            var chunks = cuts.Zip(cuts.Skip(1), (start, end) => end - start).ToArray();
            return chunks.All(rows => rows <= shape.budget) && chunks.SkipLast(1).All(rows => 4 * rows >= 3 * shape.budget) && chunks.Sum() == positions.Length;
        }).QuickCheckThrowOnFailure();
    }
}
