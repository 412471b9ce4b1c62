using Forge.Core.Packing;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Packing;

public sealed class TreePackerTests : PackerConformance
{
    protected override ISamplePacker Packer { get; } = new TreePacker();

    [Fact]
    public void Pack_merges_the_common_prefixes_of_different_chains()
    {
        TrainingSample[] samples = [new(0, [1, 2], [3, 4]), new(0, [1, 2, 3, 4, 5], [6, 7]), new(1, [1, 2], [3, 9]), new(2, [8], [8])];

        var batch = Pack(samples);

        Assert.Equal([1, 2, 3, 4, 5, 6, 8], batch.TokenIds);
        Assert.Equal([0, 6, 7], batch.TreeStarts);
        Assert.Equal([3, 3, 3, 1, 1, 1, 1], batch.Multiplicity);
        Assert.Equal([1, 2, 2, 4, 5, 6], batch.EdgeRows);
        Assert.Equal([3, 4, 9, 6, 7, 8], batch.EdgeTargets);
        Assert.Equal([0, 1, 3, 4, 0, 2, 5], batch.SampleEdges);
        Assert.False(batch.HasBranches);
    }

    [Fact]
    public void Pack_gives_branches_key_ends()
    {
        var batch = Pack([new(0, [1, 2], [3, 4, 5]), new(1, [1, 2], [6, 7, 8])]);

        Assert.Equal([1, 2, 3, 4, 6, 7], batch.TokenIds);
        Assert.Equal([0, 1, 2, 3, 2, 3], batch.Positions);
        Assert.Equal([6, 6, 4, 4, 6, 6], batch.KeyEnd);
        Assert.Equal([0, 6], batch.Cuts);
    }

    [Fact]
    public void Pack_makes_one_edge_of_a_token_that_is_fed_under_several_routings()
    {
        TrainingSample[] samples = [new(0, [1], [2, 3]) { RoutedExperts = [4, 5] }, new(1, [1], [2, 3]) { RoutedExperts = [4, 6] }];

        var batch = Pack(samples);

        Assert.Equal([1, 2, 2], batch.TokenIds);
        Assert.Equal([4, 5, 6], batch.RoutedExperts);
        Assert.Equal([0, 1, 2], batch.EdgeRows);
        Assert.Equal([0, 1, 0, 2], batch.SampleEdges);
    }

    [Fact]
    public void Pack_scores_thousands_of_targets_on_one_row()
    {
        const int count = 20_000;
        var samples = Enumerable.Range(0, 2 * count).Select(chain => new TrainingSample(chain, [1], [chain % count])).ToArray();

        var batch = Pack(samples);

        Assert.Equal([1], batch.TokenIds);
        Assert.Equal([2 * count], batch.Multiplicity);
        Assert.Equal(Enumerable.Range(0, count), batch.EdgeTargets);
        Assert.Equal(Enumerable.Range(0, 2 * count).Select(place => place % count), batch.SampleEdges);
    }

    [Theory]
    [InlineData(21, new[] { 19, 19 })]
    [InlineData(18, new[] { 11, 11, 11, 11 })]
    public void Pack_repeats_a_short_path_in_the_next_batch(int budget, int[] rows)
    {
        var batches = Packer.Pack(Group(prompt: 3, responses: 4, length: 9), budget);

        Assert.Equal(rows, batches.Select(batch => batch.TokenCount));
        Assert.All(batches, batch => Assert.False(batch.IsCut));
    }

    [Fact]
    public void Pack_cuts_a_batch_whose_path_is_long()
    {
        var batch = Assert.Single(Packer.Pack(Group(prompt: 8, responses: 4, length: 5), 16));

        Assert.Equal(24, batch.TokenCount);
        Assert.Equal([0, 16, 24], batch.Cuts);
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(6, false)]
    public void Pack_cuts_when_repeating_the_path_costs_a_forward_of_the_batch(int prompt, bool isCut)
    {
        var batches = Packer.Pack(Group(prompt, responses: 2, length: 21 - prompt), 21);

        Assert.Equal(isCut ? 1 : 2, batches.Length);
        Assert.Equal(isCut, batches[0].IsCut);
    }

    [Fact]
    public void Pack_cuts_a_sample_that_is_over_the_budget_and_starts_afresh_after_it()
    {
        TrainingSample[] samples = [new(0, [1, 2], [3]), new(1, [4, 5, 6, 7, 8, 9, 10], [11]), new(2, [12], [13])];

        var batches = Packer.Pack(samples, 3);

        Assert.Equal([2, 7, 1], batches.Select(batch => batch.TokenCount));
        Assert.Equal([0, 3, 6, 7], batches[1].Cuts);
    }

    [Fact]
    public void Pack_goes_on_in_a_cut_batch_only_with_samples_that_share_enough()
    {
        TrainingSample[] samples =
        [
            new(0, [1, 2, 3, 4, 5, 6], [7]), new(1, [1, 20, 21, 22], [23]), new(2, [1, 30, 31, 32, 33], [34]),
        ];

        var batches = Packer.Pack(samples, 4);

        Assert.Equal([9, 5], batches.Select(batch => batch.TokenCount));
        Assert.Equal([0, 1], batches[0].SampleIndices);
    }

    [Fact]
    public void Pack_deals_samples_in_the_order_of_their_paths()
    {
        TrainingSample[] samples =
        [
            new(0, [1, 1, 1], [5, 6]), new(1, [2, 2, 2], [5, 6]), new(2, [1, 1, 1], [7, 6]), new(3, [2, 2, 2], [7, 6]),
        ];

        var batches = Packer.Pack(samples, 5);

        Assert.Equal([[0, 2], [1, 3]], batches.Select(batch => batch.SampleIndices.ToArray()));
    }

    [Fact]
    public void Pack_merges_all_that_can_be_merged()
        => Holds((_, batch) =>
        {
            var rows = Paths(batch);
            return rows.Distinct().Count() == rows.Length
                && batch.EdgeRows.Zip(batch.EdgeTargets).Distinct().Count() == batch.EdgeRows.Length;
        });

    [Fact]
    public void Pack_of_permuted_samples_permutes_rows_and_nothing_else()
    {
        var cases = from samples in SampleForests.Any.Generator
                    from seed in Gen.Choose(0, int.MaxValue)
                    select (samples, seed);

        Prop.ForAll(cases.ToArbitrary(), entry =>
        {
            TrainingSample[] permuted = [.. entry.samples];
            new Random(entry.seed).Shuffle(permuted);
            return Facts(Pack(permuted)).SequenceEqual(Facts(Pack(entry.samples)));
        }).QuickCheckThrowOnFailure();
    }

    private PackedBatch Pack(TrainingSample[] samples) => Assert.Single(Packer.Pack(samples, int.MaxValue));

    // One prompt, and responses whose first fed tokens differ; each adds length − 1 rows.
    private static TrainingSample[] Group(int prompt, int responses, int length)
        => [.. Enumerable.Range(0, responses).Select(chain => new TrainingSample(
            chain, [.. Enumerable.Repeat(1, prompt)], [.. Enumerable.Range(0, length).Select(offset => (100 * chain) + offset)]))];

    private static IEnumerable<string> Facts(PackedBatch batch)
    {
        var paths = Paths(batch);
        var gathers = batch.SampleEdges.CountBy(edge => edge).ToDictionary();
        return paths.Select((path, row) => $"row {path} × {batch.Multiplicity[row]}")
            .Concat(batch.EdgeRows.Select((row, edge) => $"edge {paths[row]} → {batch.EdgeTargets[edge]} × {gathers[edge]}"))
            .Order(StringComparer.Ordinal);
    }

    // Tokens and experts of each row's path.
    private static string[] Paths(PackedBatch batch)
    {
        var width = batch.RoutedExperts.Length / batch.TokenCount;
        var paths = new string[batch.TokenCount];
        var open = new Stack<string>();
        for (var row = 0; row < paths.Length; row++)
        {
            while (open.Count > batch.Positions[row])
            {
                open.Pop();
            }

            var step = $"{batch.TokenIds[row]}:{string.Join('.', batch.RoutedExperts.Skip(row * width).Take(width))}";
            paths[row] = open.TryPeek(out var parent) ? $"{parent} {step}" : step;
            open.Push(paths[row]);
        }

        return paths;
    }
}
