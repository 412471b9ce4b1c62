using System.Collections.Immutable;
using Forge.Learning.Model.Attention.Levels.Planning;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Learning.Tests.Levels;

public sealed class LevelPlanTests
{
    private static readonly LevelCosts DenseLoving = new(8, 2, 128, true) { CallSeconds = 0, DenseFlops = 1e18, BytesPerSecond = 1e18, LeastDenseRows = 8 };

    // Costs of one key head, where copies are cheap; of many, where merging is; with, without, and at all costs by a dense kernel.
    private static readonly LevelCosts[] AllCosts = [new(8, 1, 128, true), new(16, 16, 128, false), new(48, 8, 128, true), DenseLoving];

    private static Arbitrary<(int Seed, int Longest, ClosingRule Rule, int Costs)> Cases
        => (from seed in Gen.Choose(0, int.MaxValue - 1)
            from longest in Gen.Elements(3, 40, 300)
            from rule in Gen.Elements(Enum.GetValues<ClosingRule>())
            from costs in Gen.Choose(0, AllCosts.Length - 1)
            select (seed, longest, rule, costs)).ToArbitrary();

    [Fact]
    public void Every_visible_pair_is_in_exactly_one_call_and_no_other_pair_is()
        => Prop.ForAll(Cases, one =>
        {
            var random = new Random(one.Seed);
            var ends = Forest.Random(random, longest: one.Longest);
            var forest = new ForestRows(ends, random.Next(3) == 0 ? random.Next(ends.Length) : 0);

            var plan = LevelPlan.For(forest, AllCosts[one.Costs], one.Rule);

            CoveredPairs.AssertEqualTo(forest, plan);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithQuietOnSuccess(true));

    [Theory]
    [InlineData(230, 310, 1)]
    [InlineData(409, 102, 5)]
    [InlineData(300, 450, 1)]
    public void Pieces_for_the_dense_kernel_cover_pairs_once_too(int prefix, int branch, int branches)
    {
        var ends = Group(prefix, branches + 1, branch);
        var forest = new ForestRows(ends);

        var plan = LevelPlan.For(forest, DenseLoving, ClosingRule.Always);

        Assert.Contains(plan.OwnCalls, call => call.Kind.IsDense);
        Assert.Contains(plan.PathCalls, call => call.Kind.IsDense);
        Assert.Contains(plan.PathCalls, call => !call.Kind.IsDense);
        CoveredPairs.AssertEqualTo(forest, plan);
    }

    [Fact]
    public void Each_query_stands_in_one_own_call_and_sees_itself_there()
    {
        var forest = new ForestRows(Forest.Random(new Random(3)), firstQuery: 2);

        var plan = LevelPlan.For(forest, AllCosts[0]);

        var seen = plan.OwnCalls.SelectMany(call => CoveredPairs.Of(call, forest.FirstQuery)).Where(pair => pair.Query == pair.Key);
        Assert.Equal(Enumerable.Range(2, forest.RowCount - 2), seen.Select(pair => pair.Query).Order());
    }

    [Fact]
    public void Sequences_are_one_causal_call_without_copies()
    {
        var plan = LevelPlan.For(ForestRows.OfSequences([0, 3, 4, 90]), AllCosts[0]);

        var call = Assert.Single(plan.OwnCalls);
        Assert.Empty(plan.PathCalls);
        Assert.Empty(call.KeyRows);
        Assert.Equal([0, 3, 4, 90], call.QueryEnds);
        Assert.Equal([0, 3, 4, 90], call.KeyEnds);
    }

    [Fact]
    public void A_chunk_of_a_sequence_is_one_causal_segment_over_past_and_own_keys()
    {
        var forest = new ForestRows(ForestRows.OfSequences([0, 500]).KeyEnd, firstQuery: 300);

        var plan = LevelPlan.For(forest, AllCosts[1], ClosingRule.Never);

        var call = Assert.Single(plan.OwnCalls);
        Assert.Empty(call.KeyRows);
        Assert.Equal((0, 200, 0, 500), (call.QueryStart, call.QueryCount, call.KeyStart, call.KeyCount));
        Assert.Empty(plan.PathCalls);
    }

    [Fact]
    public void A_group_under_a_long_prompt_gets_one_rectangle_for_all_its_branches()
    {
        var plan = LevelPlan.For(new ForestRows(Group(8192, 8, 1024)), new LevelCosts(16, 16, 128, HasDense: true));

        var rectangle = Assert.Single(plan.PathCalls);
        Assert.True(rectangle.Kind.IsDense);
        Assert.Equal((8192, 8192, 0, 8192), (rectangle.QueryStart, rectangle.QueryCount, rectangle.KeyStart, rectangle.KeyCount));
    }

    [Fact]
    public void A_rectangle_of_any_length_is_covered_by_pieces_that_begin_early_rather_than_leave_queries_over()
    {
        var plan = LevelPlan.For(new ForestRows(Group(8192, 8, 1023)), new LevelCosts(16, 16, 128, HasDense: true));

        Assert.Equal([(8192, 4096, 0), (12280, 4096, 8)], plan.PathCalls.Select(call => (call.QueryStart, call.QueryCount, call.RepeatedQueries)));
        Assert.All(plan.PathCalls, call => Assert.True(call.Kind.IsDense));
    }

    [Fact]
    public void A_long_chain_with_forks_needs_far_fewer_calls_than_it_has_levels_and_copies_less_than_its_paths()
    {
        var forest = new ForestRows(Forest.ForkedChain(pieces: 160, trunk: 512, fork: 64));
        var costs = new LevelCosts(16, 4, 128, HasDense: false);

        var (planned, levels, paths) = (
            LevelPlan.For(forest, costs), LevelPlan.For(forest, costs, ClosingRule.Always), LevelPlan.For(forest, costs, ClosingRule.Never));

        Assert.True(levels.CallCount >= 160);
        Assert.InRange(planned.CallCount, 2, 40);
        Assert.True(CopiedKeys(planned) < CopiedKeys(paths), $"{CopiedKeys(planned)} of {CopiedKeys(paths)} keys are copied.");
    }

    [Fact]
    public void The_chosen_nodes_cost_no_more_than_any_other_choice()
    {
        var random = new Random(11);
        for (var round = 0; round < 40; round++)
        {
            var nodes = new ForestRows(Forest.Random(random, depth: 4, children: 2, longest: 400, mostRows: 1500)).Nodes();
            if (nodes.Count(node => !node.IsLeaf) > 10)
            {
                continue;
            }

            var costs = AllCosts[round % AllCosts.Length];
            var chosen = PathPlanner.Choose(nodes, 0, costs, ClosingRule.Planned);

            var least = PlanCost.Least(nodes, costs);

            Assert.Equal(least, PlanCost.Of(nodes, chosen.Select(choice => choice.Closes).ToArray(), costs), 1e-12 + (1e-9 * least));
        }
    }

    [Fact]
    public void Ends_that_cross_are_refused()
        => Assert.Throws<ArgumentException>(() => new ForestRows([3, 4, 4, 4]).Nodes());

    [Theory]
    [InlineData(8037, 7168)]
    [InlineData(1024, 1024)]
    [InlineData(1279, 1024)]
    [InlineData(1280, 1280)]
    [InlineData(3, 3)]
    [InlineData(0, 0)]
    public void Quarter_steps_are_few_sizes_below_any_count(int count, int expected)
        => Assert.Equal(expected, DensePieces.QuarterStep(count));

    private static int CopiedKeys(LevelPlan plan) => plan.OwnCalls.Concat(plan.PathCalls).Sum(call => call.KeyRows.Length);

    private static ImmutableArray<int> Group(int prefix, int branches, int branch)
    {
        var total = prefix + (branches * branch);
        return [.. Enumerable.Range(0, total).Select(row => row < prefix ? total : prefix + ((row - prefix) / branch * branch) + branch)];
    }
}
