using System.Collections.Immutable;
using Forge.Core.Ring;

namespace Forge.DataPool.Tests;

/// <summary>Small records whose every field differs from its default, so that a lost field is seen.</summary>
internal static class SampleData
{
    public static TaskReference Task(long number)
        => new(new TaskId($"records/train/2/{number}"), "records", TaskSplit.Train, Difficulty: 2, Seed: ulong.MaxValue - (ulong)number);

    public static Completion Completion(EpisodeId episode, int turn, int tokens = 3) => new()
    {
        Id = new CompletionId($"{episode}/{turn}"),
        Episode = episode,
        Turn = turn,
        PromptIds = [7, turn, int.MaxValue],
        ResponseIds = [.. Enumerable.Range(100, tokens)],
        PolicyLogProbs = [.. Enumerable.Range(1, tokens).Select(index => -0.1f * index)],
        BehaviorLogProbs = [.. Enumerable.Range(1, tokens).Select(index => -0.05f * index)],
        TokenVersions = [.. Enumerable.Range(0, tokens).Select(index => index < 2 ? 4L : 5L)],
        OldestKvVersion = new PolicyVersion(3),
        Sampling = new SamplingParameters { Temperature = 0.7, TopP = 0.9, TopK = 40, Seed = 99, MaxNewTokens = 64, StopTokenIds = [2, 3] },
        FinishReason = FinishReason.Stop,
        RoutedExperts = [1, 5, 2, 6, 3, 7],
        Timings = new CompletionTimings(
            TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(3), CachedPromptTokens: 2),
    };

    public static EpisodeResult Result(EpisodeId episode, int turns, EpisodeStatus status = EpisodeStatus.Completed) => new()
    {
        Episode = episode,
        Status = status,
        EndCause = "final_answer",
        Success = true,
        Rewards = [.. Enumerable.Range(0, turns).Select(turn => new StepReward(-0.1 * turn, 0.25, turn == turns - 1 ? 1 : 0))],
        ToolCalls = 4,
        ToolErrors = 1,
        Elapsed = TimeSpan.FromSeconds(1.5),
        Detail = "Lyon",
    };

    public static ImmutableArray<object> Flatten(Completion completion) =>
    [
        completion.Id, completion.Episode, completion.Turn, completion.OldestKvVersion, completion.FinishReason, completion.Timings,
        string.Join(',', completion.PromptIds), string.Join(',', completion.ResponseIds), string.Join(',', completion.PolicyLogProbs),
        string.Join(',', completion.BehaviorLogProbs), string.Join(',', completion.TokenVersions), string.Join(',', completion.RoutedExperts),
        completion.Sampling with { StopTokenIds = default }, string.Join(',', completion.Sampling.StopTokenIds),
    ];
}
