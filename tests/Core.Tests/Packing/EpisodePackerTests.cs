using System.Collections.Immutable;
using Forge.Core.Packing;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Packing;

public sealed class EpisodePackerTests : PackerConformance
{
    private readonly EpisodePacker _packer = new();

    protected override ISamplePacker Packer => _packer;

    [Fact]
    public void Pack_merges_the_turns_of_an_append_only_episode_into_one_sequence()
    {
        TrainingSample[] samples = [new(0, [1, 2], [3, 4]), new(0, [1, 2, 3, 4, 5], [6, 7])];

        var batch = Assert.Single(_packer.Pack(samples, 100));

        Assert.Equal([1, 2, 3, 4, 5, 6], batch.TokenIds);
        Assert.Equal([0, 1, 2, 3, 4, 5], batch.Positions);
        Assert.Equal([0, 6], batch.TreeStarts);
        Assert.Equal([1, 2, 4, 5], batch.EdgeRows);
        Assert.Equal([3, 4, 6, 7], batch.EdgeTargets);
        Assert.Equal([0, 2, 4], batch.SampleStarts);
    }

    [Fact]
    public void Pack_starts_a_new_sequence_where_the_history_was_rewritten()
    {
        TrainingSample[] samples = [new(0, [1, 2], [3, 4]), new(0, [1, 2, 9, 4, 5], [6])];

        var batch = Assert.Single(_packer.Pack(samples, 100));

        Assert.Equal([0, 3, 8], batch.TreeStarts);
        Assert.Equal([0, 1, 2, 0, 1, 2, 3, 4], batch.Positions);
    }

    [Fact]
    public void Pack_never_merges_different_chains()
    {
        TrainingSample[] samples = [new(0, [1], [2]), new(1, [1, 2], [3])];

        Assert.Equal([0, 1, 3], Assert.Single(_packer.Pack(samples, 100)).TreeStarts);
    }

    [Fact]
    public void Pack_opens_another_batch_when_the_budget_is_reached()
    {
        TrainingSample[] samples = [new(0, [1, 2, 3], [4]), new(1, [1, 2, 3], [4]), new(2, [1, 2, 3, 4, 5, 6, 7, 8, 9], [4])];

        Assert.Equal([6, 9], _packer.Pack(samples, 6).Select(batch => batch.TokenCount));
    }

    [Fact]
    public void Pack_keeps_the_turns_of_a_sequence_in_one_batch()
    {
        TrainingSample[] samples = [new(0, [9, 9, 9], [9]), new(1, [1, 2], [3, 4]), new(1, [1, 2, 3, 4, 5], [8]), new(2, [9], [9])];

        var batches = _packer.Pack(samples, 7);

        Assert.Equal([[9, 9, 9], [1, 2, 3, 4, 5, 9]], batches.Select(batch => batch.TokenIds.ToArray()));
        Assert.All(batches, batch => Assert.False(batch.IsCut));
    }

    [Fact]
    public void Pack_cuts_a_sequence_over_the_budget_and_starts_afresh_after_it()
    {
        TrainingSample[] samples = [new(0, [1, 2, 3], [4, 5, 6, 7, 8]), new(0, [2, 2, 2], [3]), new(1, [1], [2])];

        var batches = _packer.Pack(samples, 5);

        Assert.Equal([0, 5, 7], batches[0].Cuts);
        Assert.Equal([[0, 3, 4]], batches.Skip(1).Select(batch => batch.TreeStarts.ToArray()));
    }

    [Fact]
    public void Pack_starts_a_new_sequence_where_the_routing_changed()
    {
        TrainingSample first = new(0, [1], [2, 3]) { RoutedExperts = [5, 6] };

        Assert.Equal([0, 4], Starts(first, new(0, [1, 2, 3], [4, 5]) { RoutedExperts = [5, 6, 7, 8] }));
        Assert.Equal([0, 2, 6], Starts(first, new(0, [1, 2, 3], [4, 5]) { RoutedExperts = [5, 7, 7, 8] }));
        Assert.Equal([0, 2, 6], Starts(first, new(0, [1, 2, 3], [4, 5])));
        Assert.Equal([0, 4], Starts(first with { RoutedExperts = [-1, -1] }, new(0, [1, 2, 3], [4, 5])));
        Assert.Equal([0, 4], Starts(first with { RoutedExperts = [] }, new(0, [1, 2, 3], [4, 5]) { RoutedExperts = [-1, -1, 7, 8] }));
        Assert.Equal([0, 2, 6], Starts(first with { RoutedExperts = [] }, new(0, [1, 2, 3], [4, 5]) { RoutedExperts = [-1, 7, 7, 8] }));
    }

    [Fact]
    public void Pack_scores_every_response_token_of_every_sample_after_its_exact_history()
    {
        var samples = Gen.Choose(0, 3).ListOf(8).Select(seeds => Samples([.. seeds]));

        Prop.ForAll(samples.ToArbitrary(), Scores_exactly).QuickCheckThrowOnFailure();
    }

    private ImmutableArray<int> Starts(params TrainingSample[] samples) => Assert.Single(_packer.Pack(samples, 100)).TreeStarts;

    private static TrainingSample[] Samples(int[] seeds)
    {
        var samples = new List<TrainingSample>();
        foreach (var (seed, chain) in seeds.Select((seed, chain) => (seed, chain)))
        {
            var random = new Random((seed * 31) + chain);
            List<int> history = [random.Next(9)];
            for (var turn = 0; turn <= seed; turn++)
            {
                int[] response = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => random.Next(9))];
                samples.Add(new TrainingSample(chain, [.. history], [.. response]));
                history.AddRange(response);
                history.Add(random.Next(9));
                if (random.Next(4) == 0)
                {
                    history[0] = 9 - history[0];
                }
            }
        }

        return [.. samples];
    }

    private bool Scores_exactly(TrainingSample[] samples)
    {
        var seen = new HashSet<int>();
        foreach (var batch in _packer.Pack(samples, 16))
        {
            for (var index = 0; index < batch.SampleIndices.Length; index++)
            {
                var sample = samples[batch.SampleIndices[index]];
                seen.Add(batch.SampleIndices[index]);
                var edges = batch.SampleEdges[batch.SampleStarts[index]..batch.SampleStarts[index + 1]];
                for (var token = 0; token < sample.ResponseIds.Length; token++)
                {
                    var row = batch.EdgeRows[edges[token]];
                    var start = row - batch.Positions[row];
                    int[] history = [.. sample.PromptIds, .. sample.ResponseIds[..token]];
                    if (batch.EdgeTargets[edges[token]] != sample.ResponseIds[token]
                        || !batch.TokenIds[start..(row + 1)].SequenceEqual(history))
                    {
                        return false;
                    }
                }
            }
        }

        return seen.Count == samples.Length;
    }
}
