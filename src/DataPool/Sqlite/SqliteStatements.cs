using System.Collections.Immutable;
using Dapper;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Rows;
using Forge.DataPool.Stores;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>The writes of pool.db, each within a transaction of <see cref="SqliteWriter"/>.</summary>
internal static class SqliteStatements
{
    private const long StillOpen = 0;
    private const long Replaced = -1;

    public static long Open(SqliteConnection connection, long now)
        => connection.ExecuteScalar<long>(
            "INSERT INTO openings (process, created_ms) VALUES (@process, @now) RETURNING id",
            new { process = Environment.ProcessId, now });

    public static void AddGroup(PreparedStatements statements, StoredGroup group, long now)
    {
        var task = group.Task;
        statements.Execute(
            "INSERT INTO tasks (id, environment, split, difficulty, seed) VALUES ($0, $1, $2, $3, $4) ON CONFLICT DO NOTHING",
            StoredText.Write(task.Id.Value), StoredText.Write(task.Environment), (int)task.Split, task.Difficulty, unchecked((long)task.Seed));
        statements.Execute(
            "INSERT INTO groups (id, task_id, dispatched_at, status, created_ms) VALUES ($0, $1, $2, $3, $4)",
            group.Id.Value, StoredText.Write(task.Id.Value), group.DispatchedAt.Value, GroupStatus.Running, now);
        foreach (var episode in group.Episodes)
        {
            AddEpisode(statements, group.Id, episode);
        }
    }

    /// <summary>Returns the attempts that took effect: a place whose result came first is left as it is.</summary>
    public static ImmutableArray<StoredEpisode> AddAttempts(PreparedStatements statements, GroupId group, IReadOnlyList<StoredEpisode> attempts)
        => [.. attempts.Where(attempt => TryGive(statements, attempt) || TryReplace(statements, group, attempt))];

    public static Receipt AddCompletion(PreparedStatements statements, Completion completion)
    {
        var packed = PackedCompletion.Of(completion);
        var isThere = statements.TryReadLong(
            "SELECT (format & 8) <> 0 OR (format = $1 AND prompt_ids = $2 AND response_ids = $3) FROM completions WHERE id = $0",
            StoredText.Write(completion.Id.Value), (int)packed.Format, packed.PromptIds, packed.ResponseIds);
        if (isThere == 1)
        {
            return Receipt.Duplicate;
        }

        if (isThere is null && State(statements, completion.Episode) != StillOpen)
        {
            return Receipt.Stale;
        }

        statements.Execute(
            """
            INSERT INTO completions (id, episode_id, turn, format, prompt_ids, response_ids, policy_log_probs, behavior_log_probs,
                token_versions, oldest_kv_version, sampling, finish_reason, routed_experts, queued_ticks, first_token_ticks,
                total_ticks, cached_prompt_tokens)
            VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            """,
            StoredText.Write(completion.Id.Value),
            StoredText.Write(completion.Episode.Value),
            completion.Turn,
            (int)packed.Format,
            packed.PromptIds,
            packed.ResponseIds,
            packed.PolicyLogProbs,
            packed.BehaviorLogProbs,
            packed.TokenVersions,
            completion.OldestKvVersion.Value,
            packed.Sampling,
            (int)completion.FinishReason,
            completion.RoutedExperts.IsDefaultOrEmpty ? null : completion.RoutedExperts.ToArray(),
            completion.Timings.Queued.Ticks,
            completion.Timings.TimeToFirstToken.Ticks,
            completion.Timings.Total.Ticks,
            completion.Timings.CachedPromptTokens);
        return Receipt.Kept;
    }

    public static Receipt AddResult(PreparedStatements statements, EpisodeResult result)
    {
        if (End(statements, result) is var receipt && receipt != Receipt.Kept)
        {
            return receipt;
        }

        statements.Execute(
            """
            UPDATE groups SET status = 2
            WHERE id = (SELECT group_id FROM episodes WHERE id = $0) AND status = 1
              AND NOT EXISTS (SELECT 1 FROM episodes WHERE group_id = groups.id AND superseded = 0 AND status = 0)
            """,
            StoredText.Write(result.Episode.Value));
        return Receipt.Kept;
    }

    public static Receipt AddRetry(PreparedStatements statements, EpisodeResult broken, StoredEpisode next)
    {
        var receipt = End(statements, broken);
        if (receipt == Receipt.Kept)
        {
            var group = statements.ReadLong("SELECT group_id FROM episodes WHERE id = $0", StoredText.Write(broken.Episode.Value));
            statements.Execute("UPDATE episodes SET superseded = 1 WHERE id = $0", StoredText.Write(broken.Episode.Value));
            AddEpisode(statements, new GroupId(group), next);
        }

        return receipt;
    }

    public static Receipt GiveUp(PreparedStatements statements, DeadLetter letter, EpisodeResult? broken, long now)
    {
        if (broken is not null && End(statements, broken) is var receipt && receipt != Receipt.Kept)
        {
            return receipt;
        }

        if (statements.ReadLong("SELECT status FROM groups WHERE id = $0", letter.Group.Value) == GroupStatus.Consumed)
        {
            return Receipt.Stale;
        }

        statements.Execute(
            "INSERT INTO dead_letters (group_id, episode_id, attempts, kind, reason, step, created_ms) VALUES ($0, $1, $2, $3, $4, $5, $6)",
            letter.Group.Value, StoredText.Write(letter.Episode.Value), letter.Attempts, (int)letter.Kind, StoredText.Write(letter.Reason),
            letter.Step.Value, now);
        Consume(statements, letter.ToConsumption(), now);
        return Receipt.Kept;
    }

    public static void Consume(PreparedStatements statements, Consumption consumption, long now)
    {
        statements.Execute(
            "INSERT INTO consumption (group_id, kind, step, position, reason, created_ms) VALUES ($0, $1, $2, $3, $4, $5)",
            consumption.Group.Value, (int)consumption.Kind, consumption.Step.Value, consumption.Position,
            StoredText.Write(consumption.Reason), now);
        statements.Execute("UPDATE groups SET status = $1 WHERE id = $0", consumption.Group.Value, GroupStatus.Consumed);
    }

    public static void AddBatch(PreparedStatements statements, BatchManifest batch, long now)
    {
        var seq = statements.ReadLong(
            "INSERT INTO batches (step, hash, created_ms) VALUES ($0, $1, $2) RETURNING seq", batch.Step.Value, batch.Hash, now);
        foreach (var (position, entry) in batch.Groups.Index())
        {
            statements.Execute(
                "INSERT INTO batch_groups (batch, position, group_id, oldest_version, newest_version, hash) VALUES ($0, $1, $2, $3, $4, $5)",
                seq, position, entry.Group.Value, entry.OldestVersion, entry.NewestVersion, entry.Hash);
        }
    }

    /// <summary>Returns the groups that are available again.</summary>
    public static HashSet<long> PutBackAfter(PreparedStatements statements, PolicyVersion version)
    {
        var undone = statements.ReadLongs(
            """
            UPDATE groups SET status = 2
            WHERE id IN (SELECT group_id FROM consumption WHERE undone = 0 AND step > $0 AND kind <> $1) RETURNING id
            """,
            version.Value, (int)ConsumptionKind.Failed);
        statements.Execute(
            "UPDATE consumption SET undone = 1 WHERE undone = 0 AND step > $0 AND kind <> $1",
            version.Value, (int)ConsumptionKind.Failed);
        statements.Execute("UPDATE batches SET undone = 1 WHERE undone = 0 AND step > $0", version.Value);
        return undone;
    }

    public static void Log(PreparedStatements statements, ScheduleEvent recorded, long opening, long now)
        => statements.Execute(
            "INSERT INTO schedule (opening, kind, group_id, head, created_ms) VALUES ($0, $1, $2, $3, $4)",
            opening, (int)recorded.Kind, recorded.Index, recorded.Head, now);

    private static void AddEpisode(PreparedStatements statements, GroupId group, StoredEpisode episode)
        => statements.Execute(
            "INSERT INTO episodes (id, group_id, index_in_group, attempt, failures, worker, lease) VALUES ($0, $1, $2, $3, $4, $5, $6)",
            StoredText.Write(episode.Id.Value), group.Value, episode.IndexInGroup, episode.Attempt, episode.Failures,
            StoredText.Write(episode.Lease?.Worker.Value ?? ""), episode.Lease?.Token ?? 0);

    // An attempt that is there already, and that nobody has ended.
    private static bool TryGive(PreparedStatements statements, StoredEpisode attempt)
        => statements.Execute(
            "UPDATE episodes SET failures = $1, worker = $2, lease = $3 WHERE id = $0 AND status = 0 AND superseded = 0",
            StoredText.Write(attempt.Id.Value), attempt.Failures, StoredText.Write(attempt.Lease?.Worker.Value ?? ""), attempt.Lease?.Token ?? 0) > 0;

    private static bool TryReplace(PreparedStatements statements, GroupId group, StoredEpisode attempt)
    {
        var replaced = statements.Execute(
            """
            UPDATE episodes SET superseded = 1
            WHERE group_id = $0 AND index_in_group = $1 AND attempt < $2 AND superseded = 0 AND status = 0
              AND EXISTS (SELECT 1 FROM groups WHERE id = $0 AND groups.status = 1)
            """,
            group.Value, attempt.IndexInGroup, attempt.Attempt) > 0;
        if (replaced)
        {
            AddEpisode(statements, group, attempt);
        }

        return replaced;
    }

    private static Receipt End(PreparedStatements statements, EpisodeResult result)
    {
        switch (State(statements, result.Episode))
        {
            case Replaced:
                return Receipt.Stale;
            case var ended when ended == (long)result.Status:
                return Receipt.Duplicate;
            case not StillOpen:
                throw StoreFaults.EndedOtherwise(result);
        }

        var id = StoredText.Write(result.Episode.Value);
        StoreFaults.CheckRewards(result, statements.ReadLong("SELECT COUNT(*) FROM completions WHERE episode_id = $0", id));
        statements.Execute(
            """
            UPDATE episodes SET status = $1, end_cause = $2, success = $3, tool_calls = $4, tool_errors = $5, elapsed_ticks = $6,
                detail = $7, rewards = $8
            WHERE id = $0
            """,
            id, (int)result.Status, StoredText.Write(result.EndCause), result.Success, result.ToolCalls, result.ToolErrors,
            result.Elapsed.Ticks, StoredText.Write(result.Detail), PackedArray.FromRewards(result.Rewards));
        return Receipt.Kept;
    }

    // Open, replaced (by a newer attempt, or with its group), or the status with which it ended.
    private static long State(PreparedStatements statements, EpisodeId episode)
        => statements.TryReadLong(
            """
            SELECT CASE WHEN episodes.status <> 0 THEN episodes.status WHEN superseded = 1 OR groups.status = 3 THEN -1 ELSE 0 END
            FROM episodes JOIN groups ON groups.id = group_id WHERE episodes.id = $0
            """,
            StoredText.Write(episode.Value)) ?? throw StoreFaults.UnknownEpisode(episode);
}
