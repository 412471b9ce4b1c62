using Forge.Core.Packing;
using Forge.Core.Ring;
using Forge.Trainer.Batches;
using Forge.Trainer.Steps;

namespace Forge.Trainer.Tests.Steps;

public sealed class MicroBatchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(1000)]
    public void Every_token_keeps_what_was_recorded_with_it(int tokenBudget)
    {
        var scored = Scored();
        var seen = new List<(int Token, double Behavior, double Policy, double Advantage, double Weight, long Version, int Sample)>();

        foreach (var packed in new EpisodePacker().Pack(Samples(scored), tokenBudget))
        {
            var micro = new MicroBatch(packed, scored, [.. scored.Select((_, index) => 0.5 + index)]);
            seen.AddRange(packed.SampleEdges.Select((edge, place) => (
                packed.EdgeTargets[edge], micro.Behavior[place], micro.Policy[place], micro.Advantage[place], micro.Weight[place],
                micro.Version[place], packed.SampleIndices[micro.Sequence[place]])));
        }

        var expected = scored.SelectMany((item, sample) => item.Completion.ResponseIds.Select((token, place) => (
            token, (double)item.Completion.BehaviorLogProbs[place], (double)item.Completion.PolicyLogProbs[place], item.Advantage, 0.5 + sample,
            item.Completion.TokenVersions[place], sample)));
        Assert.Equal(expected, seen);
    }

    [Fact]
    public void A_completion_over_older_KV_is_not_of_a_single_version()
    {
        var random = new Random(5);
        var old = TrainingData.Completion("a", 0, [1, 2], [3, 4], random);
        Completion[] completions =
        [
            old,
            old with { TokenVersions = [0, 1] },
            old with { TokenVersions = [1, 1] },
            old with { TokenVersions = [1, 1], OldestKvVersion = new PolicyVersion(1) },
        ];
        ScoredCompletion[] scored = [.. completions.Select((completion, index) => new ScoredCompletion(completion, index, 0, 0, 1))];
        var packed = Assert.Single(new EpisodePacker().Pack(Samples(scored), 1000));

        var micro = new MicroBatch(packed, scored, [1, 1, 1, 1]);

        Assert.Equal([true, true, false, false, false, false, true, true], micro.IsSingleVersion);
    }

    private static ScoredCompletion[] Scored()
    {
        var scorer = new GroupScorer(new AlgorithmOptions());
        scorer.Score(TrainingData.Mixed(1), 0, out var first);
        scorer.Score(TrainingData.Mixed(2), 1, out var second);
        return [.. first, .. second];
    }

    private static TrainingSample[] Samples(ScoredCompletion[] scored)
        => [.. scored.Select(item => new TrainingSample(item.Chain, item.Completion.PromptIds, item.Completion.ResponseIds))];
}
