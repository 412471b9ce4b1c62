using Forge.Core.Ring;

namespace Forge.TestKit.Ports;

/// <summary>Small records whose every field differs from its default, so that a lost field is seen.</summary>
public static class PoolRecords
{
    public static TaskReference Task(GroupId group)
        => new(new TaskId($"records/train/2/{group}"), "records", TaskSplit.Train, Difficulty: 2, Seed: ulong.MaxValue - (ulong)group.Value);

    public static Completion Completion(EpisodeId episode, int turn) => new()
    {
        Id = new CompletionId($"{episode}/{turn}"),
        Episode = episode,
        Turn = turn,
        PromptIds = [7, turn, int.MaxValue],
        ResponseIds = [100, 101, 102],
        PolicyLogProbs = [-0.1f, -0.2f, -0.3f],
        BehaviorLogProbs = [-0.05f, -0.15f, -0.25f],
        TokenVersions = [4, 4, 5],
        OldestKvVersion = new PolicyVersion(3),
        Sampling = new SamplingParameters { Temperature = 0.7, TopP = 0.9, TopK = 40, Seed = ulong.MaxValue, MaxNewTokens = 64, StopTokenIds = [2, 3] },
        FinishReason = FinishReason.Stop,
        RoutedExperts = [1, 5, 2, 6, 3, 7],
        Timings = new CompletionTimings(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(3), CachedPromptTokens: 2),
    };

    public static EpisodeResult Result(EpisodeId episode, int turns, EpisodeStatus status = EpisodeStatus.Completed) => new()
    {
        Episode = episode,
        Status = status,
        EndCause = "final_answer",
        Success = true,
        Rewards = [.. Enumerable.Range(0, turns).Select(turn => new StepReward(-0.1 * (turn + 1), 0.25, turn == turns - 1 ? 1 : 0))],
        ToolCalls = 4,
        ToolErrors = 1,
        Elapsed = TimeSpan.FromSeconds(1.5),
        Detail = "Lyon",
    };
}
