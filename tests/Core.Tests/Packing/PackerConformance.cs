using Forge.Core.Packing;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Packing;

/// <summary>What every packer promises, whatever it merges.</summary>
public abstract class PackerConformance
{
    private static readonly Arbitrary<(TrainingSample[] Samples, int Budget)> Cases = (
        from samples in SampleForests.Any.Generator
        from budget in Gen.Choose(1, 40)
        select (samples, budget)).ToArbitrary();

    protected abstract ISamplePacker Packer { get; }

    [Fact]
    public void Pack_recovers_every_sample_from_its_edges()
        => Holds((samples, batch) => Enumerable.Range(0, batch.SampleIndices.Length).All(place => Recovers(samples, batch, place)));

    [Fact]
    public void Pack_shows_a_row_exactly_its_ancestors_and_itself()
        => Holds((_, batch) =>
        {
            var ends = KeyEnds(batch);
            return Enumerable.Range(0, batch.TokenCount).All(query => Visible(ends, query).Select(key => batch.Positions[key])
                .SequenceEqual(Enumerable.Range(0, batch.Positions[query] + 1)));
        });

    [Fact]
    public void Pack_counts_the_samples_that_feed_each_row()
        => Holds((samples, batch) =>
        {
            var counts = new int[batch.TokenCount];
            for (var place = 0; place < batch.SampleIndices.Length; place++)
            {
                foreach (var row in RowsOf(batch, place))
                {
                    counts[row]++;
                }
            }

            return counts.SequenceEqual(batch.Multiplicity) && counts.All(count => count > 0);
        });

    [Fact]
    public void Pack_keeps_edges_ascending_and_every_edge_in_use()
        => Holds((_, batch) => batch.EdgeRows.SequenceEqual(batch.EdgeRows.Order())
            && batch.SampleEdges.Distinct().Count() == batch.EdgeRows.Length
            && batch.EdgeTargets.Length == batch.EdgeRows.Length);

    [Fact]
    public void Pack_puts_every_sample_into_one_batch()
        => Prop.ForAll(Cases, entry =>
        {
            var placed = Packer.Pack(entry.Samples, entry.Budget).SelectMany(batch => batch.SampleIndices);
            return placed.Order().SequenceEqual(Enumerable.Range(0, entry.Samples.Length));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Pack_computes_at_most_the_budget_at_once()
        => Prop.ForAll(Cases, entry => Packer.Pack(entry.Samples, entry.Budget).All(batch =>
        {
            var chunks = batch.Cuts.Zip(batch.Cuts.Skip(1), (start, end) => end - start).ToArray();
            return batch.Cuts[0] == 0 && batch.Cuts[^1] == batch.TokenCount && chunks.All(rows => rows > 0 && rows <= entry.Budget)
                && (batch.TokenCount > entry.Budget || !batch.IsCut);
        })).QuickCheckThrowOnFailure();

    [Fact]
    public void Pack_gives_each_row_the_experts_that_its_samples_recorded()
        => Holds((samples, batch) =>
        {
            var width = batch.RoutedExperts.Length / batch.TokenCount;
            return Enumerable.Range(0, batch.SampleIndices.Length).All(place => RowsOf(batch, place)
                .SelectMany(row => batch.RoutedExperts.Skip(row * width).Take(width))
                .SequenceEqual(SampleForests.Routes(samples[batch.SampleIndices[place]], width)))
                && (width > 0) == samples.Any(sample => !sample.RoutedExperts.IsEmpty);
        });

    [Fact]
    public void Pack_gives_nothing_for_nothing() => Assert.Empty(Packer.Pack([], 10));

    [Fact]
    public void Pack_refuses_a_budget_below_one()
        => Assert.Throws<ArgumentOutOfRangeException>(() => Packer.Pack([new(0, [1], [2])], 0));

    [Theory]
    [InlineData(new int[0], new[] { 1 })]
    [InlineData(new[] { 1 }, new int[0])]
    public void Pack_refuses_an_empty_part_and_says_which_sample(int[] prompt, int[] response)
    {
        var error = Assert.Throws<ArgumentException>(() => Packer.Pack([new(0, [1], [2]), new(1, [.. prompt], [.. response])], 10));

        Assert.Contains("Sample 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pack_refuses_routing_that_does_not_fit_the_tokens()
    {
        TrainingSample[] samples = [new(0, [1, 2], [3]) { RoutedExperts = [4, 5, 6, 7] }, new(1, [1, 2], [3]) { RoutedExperts = [4, 5, 6] }];

        var error = Assert.Throws<ArgumentException>(() => Packer.Pack(samples, 10));

        Assert.Contains("Sample 1 has 3 recorded experts for 2 fed tokens", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Holds for every batch of random samples under random budgets.</summary>
    protected void Holds(Func<TrainingSample[], PackedBatch, bool> property)
        => Prop.ForAll(Cases, entry => Packer.Pack(entry.Samples, entry.Budget).All(batch => property(entry.Samples, batch))).QuickCheckThrowOnFailure();

    /// <summary>The rows that a sample feeds, found by visibility alone.</summary>
    protected static int[] RowsOf(PackedBatch batch, int place)
        => Visible(KeyEnds(batch), batch.EdgeRows[batch.SampleEdges[batch.SampleStarts[place + 1] - 1]]);

    // Without branches a row is seen until its sequence ends.
    private static int[] KeyEnds(PackedBatch batch)
        => batch.HasBranches
            ? [.. batch.KeyEnd]
            : [.. Enumerable.Range(0, batch.TokenCount).Select(row => batch.TreeStarts.First(start => start > row))];

    private static int[] Visible(int[] keyEnd, int query) => [.. Enumerable.Range(0, query + 1).Where(key => query < keyEnd[key])];

    private static bool Recovers(TrainingSample[] samples, PackedBatch batch, int place)
    {
        var sample = samples[batch.SampleIndices[place]];
        var rows = RowsOf(batch, place);
        int[] edges = [.. batch.SampleEdges[batch.SampleStarts[place]..batch.SampleStarts[place + 1]]];
        return rows.Select(row => batch.TokenIds[row]).SequenceEqual(SampleForests.Fed(sample))
            && edges.Select(edge => batch.EdgeTargets[edge]).SequenceEqual(sample.ResponseIds)
            && edges.Select(edge => batch.EdgeRows[edge]).SequenceEqual(rows[(sample.PromptIds.Length - 1)..]);
    }
}
