using System.Collections.Immutable;
using Forge.Core.Ring;

namespace Forge.Trainer.Tests;

/// <summary>Makes groups, episodes and completions for tests; everything that a test does not name is drawn from a seed.</summary>
internal static class TrainingData
{
    private static readonly CompletionTimings NoTimings = new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0);

    public static Completion Completion(string episode, int turn, ImmutableArray<int> prompt, ImmutableArray<int> response, Random random) => new()
    {
        Id = new CompletionId($"{episode}/{turn}"),
        Episode = new EpisodeId(episode),
        Turn = turn,
        PromptIds = prompt,
        ResponseIds = response,
        PolicyLogProbs = [.. response.Select(_ => -3 - random.NextSingle())],
        BehaviorLogProbs = [.. response.Select(_ => -3 - random.NextSingle())],
        TokenVersions = [.. response.Select(_ => 0L)],
        OldestKvVersion = PolicyVersion.Initial,
        Sampling = new SamplingParameters(),
        FinishReason = FinishReason.Stop,
        Timings = NoTimings,
    };

    /// <summary>An append-only episode: each turn's prompt is all before it and two tokens of a tool.</summary>
    /// <param name="group">Dispatch index.</param>
    /// <param name="index">Place within the group.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="rewards">One completion each.</param>
    public static Episode Episode(long group, int index, EpisodeStatus status, params StepReward[] rewards)
    {
        var random = new Random((int)((group * 1009) + (index * 31) + rewards.Length));
        var name = FormattableString.Invariant($"{group}-{index}");
        ImmutableArray<int> history = [.. Tokens(random, 3)];
        var completions = ImmutableArray.CreateBuilder<Completion>();
        for (var turn = 0; turn < rewards.Length; turn++)
        {
            ImmutableArray<int> response = [.. Tokens(random, 1 + random.Next(4))];
            completions.Add(Completion(name, turn, history, response, random));
            history = [.. history, .. response, .. Tokens(random, 2)];
        }

        return new Episode(new EpisodeId(name), new GroupId(group), index, completions.ToImmutable(), new EpisodeResult
        {
            Episode = new EpisodeId(name),
            Status = status,
            EndCause = "test",
            Success = rewards is [.., { Outcome: > 0 }],
            Rewards = [.. rewards],
            ToolCalls = rewards.Length,
            ToolErrors = 0,
            Elapsed = TimeSpan.FromSeconds(1),
        });
    }

    public static Group Group(long id, params Episode[] episodes)
        => new(new GroupId(id), new TaskReference(new TaskId($"task-{id}"), "test", TaskSplit.Train, 1, (ulong)id), PolicyVersion.Initial, [.. episodes]);

    /// <summary>Three episodes, of one, two and three turns; the second is solved.</summary>
    public static Group Mixed(long id) => Group(
        id,
        Episode(id, 0, EpisodeStatus.Completed, default(StepReward)),
        Episode(id, 1, EpisodeStatus.Completed, default, new StepReward(0, 0.5, 1)),
        Episode(id, 2, EpisodeStatus.LimitReached, default, new StepReward(-1, 0, 0), default));

    /// <summary>Two solved episodes: nothing to learn.</summary>
    public static Group Flat(long id) => Group(
        id,
        Episode(id, 0, EpisodeStatus.Completed, new StepReward(0, 0, 1)),
        Episode(id, 1, EpisodeStatus.Completed, new StepReward(0, 0, 1)));

    /// <summary>One good episode beside one that the machinery broke.</summary>
    public static Group Broken(long id) => Group(
        id,
        Episode(id, 0, EpisodeStatus.Completed, new StepReward(0, 0, 1)),
        Episode(id, 1, EpisodeStatus.InfrastructureFailure, default(StepReward)));

    private static IEnumerable<int> Tokens(Random random, int count)
        => Enumerable.Range(0, count).Select(_ => random.Next(TinyPolicy.Vocabulary));
}
