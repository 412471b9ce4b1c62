using Forge.Core.Packing.Trees;

namespace Forge.Core.Tests.Packing.Trees;

public sealed class PrefixForestTests
{
    [Fact]
    public void Merge_lays_the_documented_example_out()
    {
        var forest = Merge([1, 2, 3], [1, 2, 4, 5], [1, 2]);

        Assert.Equal([1, 2, 3, 4, 5], forest.TokenIds);
        Assert.Equal([0, 1, 2, 2, 3], forest.Positions);
        Assert.Equal([-1, 0, 1, 1, 3], forest.Parents);
        Assert.Equal([5, 5, 3, 5, 5], forest.KeyEnd);
        Assert.Equal([3, 3, 1, 1, 1], forest.Multiplicity);
        Assert.Equal([2, 4, 1], forest.EndRows);
        Assert.True(forest.HasBranches);
    }

    [Fact]
    public void Merge_of_nothing_is_empty()
    {
        var forest = PrefixForest.Merge([]);

        Assert.Equal(0, forest.RowCount);
        Assert.Equal([0], forest.TreeStarts);
        Assert.Empty(forest.Nodes());
    }

    [Fact]
    public void Merge_plants_a_tree_for_every_first_token()
    {
        var forest = Merge([1, 2], [3], [1, 4]);

        Assert.Equal([1, 2, 4, 3], forest.TokenIds);
        Assert.Equal([0, 3, 4], forest.TreeStarts);
    }

    [Fact]
    public void Merge_shares_rows_only_under_one_root()
    {
        ForestSequence[] sequences = [Sequence([1, 2]), Sequence([1, 2]) with { Root = 7 }, Sequence([1, 3]) with { Root = 7 }];

        var forest = PrefixForest.Merge(sequences);

        Assert.Equal([1, 2, 1, 2, 3], forest.TokenIds);
        Assert.Equal([0, 2, 5], forest.TreeStarts);
        Assert.Equal([2, 2, 5, 4, 5], forest.KeyEnd);
    }

    [Fact]
    public void Merge_parts_where_the_routing_differs_and_not_where_it_agrees()
    {
        ForestSequence[] sequences =
        [
            Routed([1, 2, 3], [7, 8, 7, 8, 7, 8]), Routed([1, 2, 3], [7, 8, 7, 9, 7, 8]), Routed([1, 2, 4], [7, 8, 7, 9, 7, 8]), Routed([1, 2, 3], [7, 8, 7, 8, 7, 8]),
        ];

        var forest = PrefixForest.Merge(sequences, routingWidth: 2);

        Assert.Equal([1, 2, 3, 2, 3, 4], forest.TokenIds);
        Assert.Equal([4, 2, 2, 2, 1, 1], forest.Multiplicity);
        Assert.Equal([7, 8, 7, 8, 7, 8, 7, 9, 7, 8, 7, 8], forest.Routing);
    }

    [Fact]
    public void Merge_takes_missing_routing_for_minus_one()
    {
        ForestSequence[] sequences = [Sequence([1, 2, 3]), Routed([1, 2, 3], [-1, -1, 5]), Routed([1, 2, 4], [-1, -1, 6])];

        var forest = PrefixForest.Merge(sequences, routingWidth: 1);

        Assert.Equal([1, 2, 3, 3, 4], forest.TokenIds);
        Assert.Equal([-1, -1, -1, 5, 6], forest.Routing);
    }

    [Fact]
    public void Merge_follows_a_trunk_of_a_hundred_thousand_tokens_with_forks()
    {
        const int depth = 100_000;
        int[] trunk = [.. Enumerable.Range(0, depth)];
        var turns = Enumerable.Range(0, 1000).Select(turn => new ForestSequence(trunk.AsMemory(0, (turn + 1) * 100), new[] { depth }));

        var forest = PrefixForest.Merge([new ForestSequence(trunk, default), .. turns]);

        Assert.Equal(depth + 1000, forest.RowCount);
        Assert.Equal(depth + 1000, forest.KeyEnd[0]);
        Assert.Equal(trunk, forest.RowsOf(0));
        Assert.Equal(2000, forest.Nodes().Length);
    }

    [Fact]
    public void Merge_extends_one_path_a_thousand_times()
    {
        int[] tokens = new int[100_000];

        var forest = PrefixForest.Merge([.. Enumerable.Range(1, 1000).Select(turn => new ForestSequence(tokens.AsMemory(0, turn * 100), default))]);

        Assert.Equal(tokens.Length, forest.RowCount);
        Assert.False(forest.HasBranches);
        Assert.Equal([tokens.Length], forest.KeyEnd.Distinct());
        Assert.Equal(Enumerable.Range(0, 1000).Select(number => 1000 - number), forest.Nodes().Select(node => node.Multiplicity));
    }

    [Fact]
    public void Merge_branches_into_a_hundred_thousand_children_in_order_of_appearance()
    {
        const int children = 100_000;

        var forest = Merge([.. Enumerable.Range(0, children).Select(child => new[] { 5, children - child })]);

        Assert.Equal([5, .. Enumerable.Range(0, children).Select(child => children - child)], forest.TokenIds);
        Assert.Equal(children, forest.Multiplicity[0]);
        Assert.All(forest.Parents.Skip(1), parent => Assert.Equal(0, parent));
    }

    [Fact]
    public void Merge_tells_children_with_one_token_apart_by_their_routing_even_where_hashes_collide()
    {
        // Among 300,000 random hashes of 32 bits about ten pairs are equal.
        const int children = 300_000;
        int[] tokens = [5, 6];
        var random = new Random(1);
        var routes = Enumerable.Range(0, children).Select(_ => Route(random)).ToArray();

        var forest = PrefixForest.Merge([.. routes.Concat(routes).Select(route => Routed(tokens, route))], routingWidth: 4);

        Assert.Equal(1 + children, forest.RowCount);
        Assert.All(forest.Multiplicity[1..], count => Assert.Equal(2, count));
        Assert.Equal(routes.SelectMany(route => route[4..]), forest.Routing[4..]);
    }

    // Of two tokens: the same for the first, any for the second.
    private static short[] Route(Random random) => [1, 1, 1, 1, .. Enumerable.Range(0, 4).Select(_ => (short)random.Next(short.MaxValue))];

    private static PrefixForest Merge(params int[][] sequences) => PrefixForest.Merge([.. sequences.Select(Sequence)]);

    private static ForestSequence Sequence(int[] tokens) => new(tokens, default);

    private static ForestSequence Routed(int[] tokens, short[] routing) => Sequence(tokens) with { Routing = routing };
}
