using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Sqlite;

/// <summary>Mirrors the table's column names, by which it is filled.</summary>
internal sealed record EpisodeRow(
    string id,
    long group_id,
    long index_in_group,
    long attempt,
    long superseded,
    long status,
    string end_cause,
    long success,
    long tool_calls,
    long tool_errors,
    long elapsed_ticks,
    string detail,
    long failures,
    string worker,
    long lease)
{
    public StoredEpisode ToAttempt() => new(new EpisodeId(id), (int)index_in_group, (int)attempt, status != 0)
    {
        Failures = (int)failures,
        Lease = lease == 0 ? null : new GroupLease(lease, new WorkerId(worker)),
    };

    /// <summary>A broken episode may have fewer rewards than completions: the missing ones are zero.</summary>
    public Episode ToEpisode(ImmutableArray<Completion> completions, ImmutableArray<StepReward> rewards)
    {
        var episode = new EpisodeId(id);
        var missing = Math.Max(0, completions.Length - rewards.Length);
        var result = new EpisodeResult
        {
            Episode = episode,
            Status = (EpisodeStatus)status,
            EndCause = end_cause,
            Success = success != 0,
            Rewards = [.. rewards.Take(completions.Length), .. Enumerable.Repeat(default(StepReward), missing)],
            ToolCalls = (int)tool_calls,
            ToolErrors = (int)tool_errors,
            Elapsed = TimeSpan.FromTicks(elapsed_ticks),
            Detail = detail,
        };
        return new Episode(episode, new GroupId(group_id), (int)index_in_group, completions, result);
    }
}
