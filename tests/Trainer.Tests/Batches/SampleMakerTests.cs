using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Learning.Model.Configuration;
using Forge.Trainer.Batches;

namespace Forge.Trainer.Tests.Batches;

public sealed class SampleMakerTests
{
    // Two layers of one choice each: the experts of the n-th recorded token are (2n, 2n + 1).
    private static readonly M2Config Config = new()
    {
        VocabSize = 24,
        HiddenSize = 16,
        NumHiddenLayers = 2,
        NumAttentionHeads = 2,
        NumKeyValueHeads = 1,
        HeadDim = 8,
        RotaryDim = 4,
        NumLocalExperts = 100,
        NumExpertsPerToken = 1,
        IntermediateSize = 16,
    };

    [Fact]
    public void Make_places_recorded_choices_on_the_rows_that_predicted_the_response()
    {
        var sample = Assert.Single(Make(Scored(0, [1, 2, 3], [4, 5], first: 10)));

        Assert.Equal([-1, -1, -1, -1, 20, 21, 22, 23], sample.RoutedExperts.Select(expert => (int)expert));
    }

    [Fact]
    public void Make_repeats_the_choices_of_the_turns_that_a_prompt_appends_to()
    {
        var samples = Make(Scored(0, [1, 2], [3, 4, 5], first: 0), Scored(0, [1, 2, 3, 4, 5, 6], [7, 8], first: 10));

        Assert.Equal([-1, 0, 2, 4, -1, 20, 22], FirstLayer(samples[1].RoutedExperts));
        Assert.Equal(samples[0].RoutedExperts, samples[1].RoutedExperts[..samples[0].RoutedExperts.Length]);
    }

    [Fact]
    public void Make_goes_back_to_the_turn_that_a_branch_left()
    {
        var samples = Make(
            Scored(0, [1], [2], first: 0), Scored(0, [1, 2, 3], [4], first: 5), Scored(0, [1, 2, 9], [4], first: 10), Scored(0, [7, 7], [8], first: 15));

        Assert.Equal([0, -1, 20], FirstLayer(samples[2].RoutedExperts));
        Assert.Equal([-1, 30], FirstLayer(samples[3].RoutedExperts));
    }

    [Fact]
    public void Make_takes_nothing_from_other_episodes()
    {
        var samples = Make(Scored(0, [1], [2], first: 0), Scored(1, [1, 2, 3], [4], first: 5));

        Assert.Equal([-1, -1, 10], FirstLayer(samples[1].RoutedExperts));
    }

    [Fact]
    public void Make_without_replay_routes_everything_afresh()
        => Assert.Empty(Assert.Single(new SampleMaker(Config, replaysRouting: false).Make([Scored(0, [1, 2], [3], first: 0)])).RoutedExperts);

    [Fact]
    public void Make_says_what_to_do_when_nothing_was_recorded()
    {
        var scored = Scored(0, [1, 2], [3], first: 0);

        var error = Assert.Throws<ForgeException>(() => Make(scored with { Completion = scored.Completion with { RoutedExperts = [] } }));

        Assert.Contains("rollout.record_routing", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(200)]
    public void Make_refuses_the_routing_of_another_model(int wrong)
    {
        var scored = Scored(0, [1, 2], [3], first: 0);
        ImmutableArray<byte> routing = wrong == 3 ? [1, 2, 3] : [1, 200];

        var error = Assert.Throws<ForgeException>(() => Make(scored with { Completion = scored.Completion with { RoutedExperts = routing } }));

        Assert.Contains("another model", error.Message, StringComparison.Ordinal);
    }

    private static Forge.Core.Packing.TrainingSample[] Make(params ScoredCompletion[] completions)
        => new SampleMaker(Config, replaysRouting: true).Make(completions);

    private static ScoredCompletion Scored(int chain, ImmutableArray<int> prompt, ImmutableArray<int> response, int first)
    {
        var completion = TrainingData.Completion($"{chain}", 0, prompt, response, new Random(1)) with
        {
            RoutedExperts = [.. Enumerable.Range(2 * first, 2 * response.Length).Select(expert => (byte)expert)],
        };
        return new ScoredCompletion(completion, chain, 0, 0, 1);
    }

    private static IEnumerable<int> FirstLayer(ImmutableArray<short> routing) => routing.Where((_, index) => index % 2 == 0).Select(expert => (int)expert);
}
