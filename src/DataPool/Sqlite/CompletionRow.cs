using System.Text.Json;
using Forge.Core.Ring;

namespace Forge.DataPool.Sqlite;

/// <summary>Mirrors the table's column names, by which it is filled.</summary>
internal sealed class CompletionRow
{
    public required string id { get; init; }

    public required string episode_id { get; init; }

    public int turn { get; init; }

    public required byte[] prompt_ids { get; init; }

    public required byte[] response_ids { get; init; }

    public required byte[] policy_log_probs { get; init; }

    public required byte[] behavior_log_probs { get; init; }

    public required byte[] token_versions { get; init; }

    public long oldest_kv_version { get; init; }

    public required string sampling { get; init; }

    public int finish_reason { get; init; }

    public byte[]? routed_experts { get; init; }

    public long queued_ticks { get; init; }

    public long first_token_ticks { get; init; }

    public long total_ticks { get; init; }

    public int cached_prompt_tokens { get; init; }

    public Completion ToCompletion() => new()
    {
        Id = new CompletionId(id),
        Episode = new EpisodeId(episode_id),
        Turn = turn,
        PromptIds = PackedArray.ToInts(prompt_ids),
        ResponseIds = PackedArray.ToInts(response_ids),
        PolicyLogProbs = PackedArray.ToFloats(policy_log_probs),
        BehaviorLogProbs = PackedArray.ToFloats(behavior_log_probs),
        TokenVersions = PackedArray.ToVersions(token_versions),
        OldestKvVersion = new PolicyVersion(oldest_kv_version),
        Sampling = JsonSerializer.Deserialize<SamplingParameters>(sampling)!,
        FinishReason = (FinishReason)finish_reason,
        RoutedExperts = routed_experts is null ? [] : [.. routed_experts],
        Timings = new CompletionTimings(
            TimeSpan.FromTicks(queued_ticks), TimeSpan.FromTicks(first_token_ticks), TimeSpan.FromTicks(total_ticks), cached_prompt_tokens),
    };
}
