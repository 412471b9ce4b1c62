using Forge.Core.Packing;
using Forge.Trainer.Bench;

namespace Forge.Trainer.Tests.Bench;

public sealed class TreeShapeTests
{
    private const int Vocabulary = 30_000;

    public static TheoryData<TreeShape> Shapes { get; } = [.. PublishedTrees.Small.Concat(PublishedTrees.Large)];

    [Fact]
    public void Draw_gives_a_group_one_prompt_and_every_episode_its_own_response()
    {
        var drawn = new TreeShape("group") { Groups = 2, Episodes = 3, Prompt = 50, Response = 7 }.Draw(Vocabulary, seed: 1);

        Assert.Equal([0, 0, 0, 1, 1, 1], drawn.Groups);
        Assert.Equal([0, 1, 2, 3, 4, 5], drawn.Samples.Select(sample => sample.Chain));
        Assert.Equal(2 * (50 + (3 * 6)), Assert.Single(new TreePacker().Pack(drawn.Samples, 1000)).TokenCount);
    }

    [Fact]
    public void Draw_of_an_agent_repeats_its_whole_history_in_each_prompt()
    {
        var shape = new TreeShape("agent") { Prompt = 20, Turns = 4, Response = 5, Observation = 3 };

        var drawn = shape.Draw(Vocabulary, seed: 1);

        Assert.Equal([20, 28, 36, 44], drawn.Samples.Select(sample => sample.PromptIds.Length));
        Assert.Equal(48, Assert.Single(new EpisodePacker().Pack(drawn.Samples, 1000)).TokenCount);
        Assert.Equal(48, Assert.Single(new TreePacker().Pack(drawn.Samples, 1000)).TokenCount);
    }

    [Fact]
    public void Draw_goes_on_from_an_earlier_turn_after_a_rewrite()
    {
        var shape = new TreeShape("forks") { Prompt = 20, Turns = 5, Response = 5, Observation = 3, RewriteEvery = 3, RewriteTurns = 2 };

        var samples = shape.Draw(Vocabulary, seed: 1).Samples;

        Assert.Equal([20, 28, 36, 28, 36], samples.Select(sample => sample.PromptIds.Length));
        Assert.Equal(samples[1].PromptIds[..25], samples[3].PromptIds[..25]);
        Assert.NotEqual(samples[1].PromptIds[25..], samples[3].PromptIds[25..]);
        Assert.Equal(20 + (8 + 8 + 4) + (3 + 8 + 4), Assert.Single(new TreePacker().Pack(samples, 1000)).TokenCount);
    }

    [Fact]
    public void Draw_of_equal_seeds_is_equal()
    {
        var shape = PublishedTrees.Small[^1];

        Assert.Equal(Ids(1), Ids(1));
        Assert.NotEqual(Ids(1), Ids(2));

        int[] Ids(int seed) => [.. shape.Draw(Vocabulary, seed).Samples.SelectMany(sample => sample.PromptIds.Concat(sample.ResponseIds))];
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void CompletionTokens_counts_what_is_fed_without_merging(TreeShape shape)
        => Assert.Equal(shape.Draw(Vocabulary, seed: 1).Samples.Sum(sample => (long)sample.ForwardTokens), shape.CompletionTokens);

    [Fact]
    public void Trees_for_a_CPU_stay_small()
        => Assert.All(PublishedTrees.Small, shape => Assert.InRange(shape.CompletionTokens, 1, 20_000));

    [Fact]
    public void The_policy_for_a_GPU_has_between_one_and_two_billion_parameters()
        => Assert.InRange(PublishedTrees.LargePolicy.ParameterCount, 1_000_000_000, 2_000_000_000);
}
