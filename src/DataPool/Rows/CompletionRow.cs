using System.Collections.Immutable;
using Forge.Core.Ring;

namespace Forge.DataPool.Rows;

/// <summary>Mirrors the table's column names, by which it is filled.</summary>
internal sealed class CompletionRow
{
    public required string id { get; init; }

    public required string episode_id { get; init; }

    public int turn { get; init; }

    public int format { get; init; }

    public required byte[] prompt_ids { get; init; }

    public required byte[] response_ids { get; init; }

    public required byte[] policy_log_probs { get; init; }

    public required byte[] behavior_log_probs { get; init; }

    public required byte[] token_versions { get; init; }

    public long oldest_kv_version { get; init; }

    /// <summary>Bytes; the text of JSON in rows of <see cref="CompletionFormat.Plain"/>.</summary>
    public required object sampling { get; init; }

    public int finish_reason { get; init; }

    public byte[]? routed_experts { get; init; }

    public long queued_ticks { get; init; }

    public long first_token_ticks { get; init; }

    public long total_ticks { get; init; }

    public int cached_prompt_tokens { get; init; }

    public bool IsPruned => Has(CompletionFormat.Pruned);

    public Completion ToCompletion()
    {
        var policy = PackedArray.ToFloats(policy_log_probs);
        return new()
        {
            Id = new CompletionId(StoredText.Read(id)),
            Episode = new EpisodeId(StoredText.Read(episode_id)),
            Turn = turn,
            PromptIds = ToIds(prompt_ids),
            ResponseIds = ToIds(response_ids),
            PolicyLogProbs = policy,
            BehaviorLogProbs = Has(CompletionFormat.OneLogProb) ? policy : PackedArray.ToFloats(behavior_log_probs),
            TokenVersions = PackedArray.ToVersions(token_versions),
            OldestKvVersion = new PolicyVersion(oldest_kv_version),
            Sampling = sampling is byte[] packed ? PackedSampling.To(packed) : PackedSampling.FromJson((string)sampling),
            FinishReason = (FinishReason)finish_reason,
            RoutedExperts = routed_experts is null ? [] : [.. routed_experts],
            Timings = new CompletionTimings(
                TimeSpan.FromTicks(queued_ticks), TimeSpan.FromTicks(first_token_ticks), TimeSpan.FromTicks(total_ticks), cached_prompt_tokens),
        };
    }

    private bool Has(CompletionFormat flag) => ((CompletionFormat)format).HasFlag(flag);

    private ImmutableArray<int> ToIds(byte[] bytes)
        => Has(CompletionFormat.ShortIds) ? PackedArray.FromShortsToInts(bytes) : PackedArray.ToInts(bytes);
}
