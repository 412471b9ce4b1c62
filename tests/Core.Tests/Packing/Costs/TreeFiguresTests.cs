using System.Collections.Immutable;
using Forge.Core.Packing;
using Forge.Core.Packing.Costs;

namespace Forge.Core.Tests.Packing.Costs;

public sealed class TreeFiguresTests
{
    // 1.4 B parameters outside embedding and head, 28 layers of 16 heads of 128; the references leave the LM head out.
    private static readonly FlopRates Rates = FlopRates.Training(1.4e9, 16 * 128, 28, 0);

    [Fact]
    public void Ideal_counts_tokens_pairs_and_edges_of_each_layout()
    {
        TrainingSample[] samples = [new(0, [1, 2], [3, 4]), new(0, [1, 2, 3, 4, 5], [6, 7]), new(1, [1, 2], [3, 9])];

        var figures = TreeFigures.Ideal(samples);

        Assert.Equal(new PassCosts(6, 21, 5), figures.Merged);
        Assert.Equal(new PassCosts(3 + 6 + 3, 6 + 21 + 6, 6), figures.PerCompletion);
        Assert.Equal(new PassCosts(6 + 3, 21 + 6, 6), figures.PerEpisode);
    }

    [Fact]
    public void Of_counts_a_path_in_every_batch_that_repeats_it()
    {
        TrainingSample[] samples = [new(0, [1], [3, 4, 5, 6]), new(1, [1], [6, 7, 8, 9])];

        var figures = TreeFigures.Of(samples, new TreePacker().Pack(samples, 4));

        Assert.Equal(figures.PerCompletion, figures.Merged);
        Assert.Equal(7, TreeFigures.Ideal(samples).Merged.Tokens);
    }

    [Fact]
    public void Baselines_are_what_the_packers_lay_out()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var samples = SampleForests.Make(seed);

            var figures = TreeFigures.Ideal(samples);

            Assert.Equal(Total(new CompletionPacker().Pack(samples, 25)), figures.PerCompletion);
            Assert.Equal(Total(new EpisodePacker().Pack(samples, 25)), figures.PerEpisode);
            Assert.True(figures.Merged.Tokens <= figures.PerEpisode.Tokens && figures.PerEpisode.Tokens <= figures.PerCompletion.Tokens);
        }
    }

    [Fact]
    public void Ratios_are_merged_over_baseline_and_speed_ups_the_other_way()
    {
        var comparison = new CostComparison(new PassCosts(10, 40, 3), new PassCosts(40, 200, 6));
        var rates = new FlopRates(2, 1, 10);

        Assert.Equal(0.25, comparison.TokenRatio);
        Assert.Equal(4, comparison.TokenSpeedup);
        Assert.Equal(5, comparison.PairSpeedup);
        Assert.Equal((80.0 + 200 + 60) / (20 + 40 + 30), comparison.FlopSpeedup(rates), 12);
        Assert.Equal(1 - (90.0 / 340), comparison.FlopsSaved(rates), 12);
    }

    [Theory]
    [InlineData(8, 1, 8, 4.5, 3.24, 4.07)]
    [InlineData(8, 1, 16, 6.0, 3.857143, 5.21)]
    [InlineData(16, 1, 16, 8.5, 5.897959, 7.2)]
    [InlineData(32, 1, 16, 11.0, 8.441860, 9.4)]
    public void A_group_has_the_ideal_of_its_closed_form(int promptK, int responseK, int count, double tokens, double pairs, double whole)
    {
        var samples = Enumerable.Range(0, count)
            .Select(chain => new TrainingSample(chain, Run(1, promptK * 1024), Run(10 + chain, responseK * 1024)))
            .ToArray();

        AssertSpeedups(TreeFigures.Ideal(samples).VersusCompletion, tokens, pairs, whole);
        AssertSpeedups(TreeFigures.Ideal(samples).VersusEpisode, tokens, pairs, whole);
    }

    [Theory]
    [InlineData(10, 1, 6.786, 6.1)]
    [InlineData(40, 2, 21.43, 16.1)]
    public void An_agents_turns_have_the_ideal_of_their_closed_form(int turns, int turnK, double tokens, double whole)
    {
        var samples = Enumerable.Range(1, turns)
            .Select(turn => new TrainingSample(0, Run(1, ((4 + (turnK * turn)) * 1024) - 512), Run(1, 512)))
            .ToArray();

        var figures = TreeFigures.Ideal(samples);

        Assert.Equal(tokens, figures.VersusCompletion.TokenSpeedup, tokens * 0.005);
        Assert.Equal(whole, figures.VersusCompletion.FlopSpeedup(Rates), whole * 0.01);
        Assert.Equal(1, figures.VersusEpisode.FlopSpeedup(Rates));
    }

    private static void AssertSpeedups(CostComparison comparison, double tokens, double pairs, double whole)
    {
        Assert.Equal(tokens, comparison.TokenSpeedup, tokens * 0.005);
        Assert.Equal(pairs, comparison.PairSpeedup, pairs * 0.005);
        Assert.Equal(whole, comparison.FlopSpeedup(Rates), whole * 0.01);
    }

    private static PassCosts Total(ImmutableArray<PackedBatch> batches)
        => batches.Aggregate(default(PassCosts), (total, batch) => total + PassCosts.Of(batch));

    private static ImmutableArray<int> Run(int token, int count) => [.. Enumerable.Repeat(token, count)];
}
