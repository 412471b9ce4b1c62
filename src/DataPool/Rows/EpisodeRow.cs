using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Rows;

/// <summary>Mirrors the table's column names, by which it is filled.</summary>
internal sealed class EpisodeRow
{
    public required string id { get; init; }

    public long group_id { get; init; }

    public int index_in_group { get; init; }

    public int attempt { get; init; }

    public bool superseded { get; init; }

    public int status { get; init; }

    public required string end_cause { get; init; }

    public bool success { get; init; }

    public int tool_calls { get; init; }

    public int tool_errors { get; init; }

    public long elapsed_ticks { get; init; }

    public required string detail { get; init; }

    public int failures { get; init; }

    public required string worker { get; init; }

    public long lease { get; init; }

    /// <summary>Null while it runs.</summary>
    public byte[]? rewards { get; init; }

    public StoredEpisode ToAttempt() => new(new EpisodeId(StoredText.Read(id)), index_in_group, attempt, status != 0)
    {
        Failures = failures,
        Lease = lease == 0 ? null : new GroupLease(lease, new WorkerId(StoredText.Read(worker))),
    };

    /// <summary>A broken episode may have fewer rewards than completions: the missing ones are zero.</summary>
    public Episode ToEpisode(ImmutableArray<Completion> completions)
    {
        var episode = new EpisodeId(StoredText.Read(id));
        var given = PackedArray.ToRewards(rewards ?? []);
        var missing = Math.Max(0, completions.Length - given.Length);
        var result = new EpisodeResult
        {
            Episode = episode,
            Status = (EpisodeStatus)status,
            EndCause = StoredText.Read(end_cause),
            Success = success,
            Rewards = [.. given.Take(completions.Length), .. Enumerable.Repeat(default(StepReward), missing)],
            ToolCalls = tool_calls,
            ToolErrors = tool_errors,
            Elapsed = TimeSpan.FromTicks(elapsed_ticks),
            Detail = StoredText.Read(detail),
        };
        return new Episode(episode, new GroupId(group_id), index_in_group, completions, result);
    }
}
