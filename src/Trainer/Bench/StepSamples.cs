using System.Collections.Immutable;
using Forge.Core.Packing;
using Forge.Core.Ring;
using Forge.Trainer.Batches;

namespace Forge.Trainer.Bench;

/// <summary>The samples of one optimizer step, without what their rollout recorded.</summary>
/// <param name="Name">How results call them.</param>
/// <param name="Samples">Samples of an episode stand together, in turn order.</param>
/// <param name="Groups">The group of each sample, from 0.</param>
public sealed record StepSamples(string Name, ImmutableArray<TrainingSample> Samples, ImmutableArray<int> Groups)
{
    private static readonly CompletionTimings NoTimings = new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0);

    /// <summary>What they are, in a few words.</summary>
    public string Description { get; init; } = "";

    /// <summary>Takes the samples of a step's episodes.</summary>
    /// <param name="name">How results call them.</param>
    /// <param name="groups">The groups that the step trained.</param>
    public static StepSamples Of(string name, IReadOnlyList<Group> groups)
    {
        var episodes = groups.Index()
            .SelectMany(group => group.Item.Episodes.Where(GroupScorer.IsTrainable).Select(episode => (Group: group.Index, Episode: episode)))
            .Index()
            .ToArray();
        return Recorded(
            name,
            [.. episodes.SelectMany(entry => entry.Item.Episode.Completions
                .Select(completion => new TrainingSample(entry.Index, completion.PromptIds, completion.ResponseIds)))],
            [.. episodes.SelectMany(entry => Enumerable.Repeat(entry.Item.Group, entry.Item.Episode.Completions.Length))]);
    }

    /// <summary>Samples that no <see cref="TreeShape"/> describes.</summary>
    public static StepSamples Recorded(string name, ImmutableArray<TrainingSample> samples, ImmutableArray<int> groups) => new(name, samples, groups)
    {
        Description = $"{groups.Distinct().Count()} groups, {samples.DistinctBy(sample => sample.Chain).Count()} episodes, {samples.Length} completions, recorded",
    };

    /// <summary>Some of the samples.</summary>
    /// <param name="indices">Ascending.</param>
    public StepSamples Take(IReadOnlyCollection<int> indices)
        => this with { Samples = [.. indices.Select(index => Samples[index])], Groups = [.. indices.Select(index => Groups[index])] };

    /// <summary>The same samples as if each were an episode of its own.</summary>
    public StepSamples Apart() => this with { Samples = [.. Samples.Index().Select(entry => entry.Item with { Chain = entry.Index })] };

    /// <summary>What a trainer gets: rewards alternate and tokens were drawn evenly, neither of which changes what a step costs.</summary>
    /// <param name="vocabulary">Of the policy.</param>
    internal TrainingBatch ToBatch(int vocabulary)
        => new([], [.. Samples.Select((sample, index) => new ScoredCompletion(
            Completion(sample, index, vocabulary), sample.Chain, Groups[index], index % 2, (index % 2) - 0.5))], []);

    private static Completion Completion(TrainingSample sample, int index, int vocabulary)
    {
        ImmutableArray<float> even = [.. Enumerable.Repeat(-MathF.Log(vocabulary), sample.ResponseIds.Length)];
        return new Completion
        {
            Id = new CompletionId($"sample-{index}"),
            Episode = new EpisodeId($"episode-{sample.Chain}"),
            Turn = 0,
            PromptIds = sample.PromptIds,
            ResponseIds = sample.ResponseIds,
            PolicyLogProbs = even,
            BehaviorLogProbs = even,
            TokenVersions = [.. Enumerable.Repeat(0L, sample.ResponseIds.Length)],
            OldestKvVersion = PolicyVersion.Initial,
            Sampling = new SamplingParameters(),
            FinishReason = FinishReason.Stop,
            Timings = NoTimings,
        };
    }
}
