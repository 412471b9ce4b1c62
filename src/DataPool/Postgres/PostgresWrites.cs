using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Rows;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Postgres;

/// <summary>The writes of a run other than completions, each within a transaction of <see cref="PostgresWriter"/>.</summary>
internal static class PostgresWrites
{
    public const int StillOpen = 0;

    /// <summary>Open, replaced (by a newer attempt, or with its group), or the status with which the episode ended.</summary>
    public const string StateOfEpisode =
        "CASE WHEN episodes.status <> 0 THEN episodes.status WHEN superseded OR groups.status = 3 THEN -1 ELSE 0 END";

    private const int Replaced = -1;

    public static async Task AddGroupAsync(PostgresStatements statements, StoredGroup group, long now)
    {
        var task = group.Task;
        await statements.ExecuteAsync(
            "INSERT INTO tasks (id, environment, split, difficulty, seed) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            StoredText.Write(task.Id.Value), StoredText.Write(task.Environment), (int)task.Split, task.Difficulty, unchecked((long)task.Seed));
        await statements.ExecuteAsync(
            "INSERT INTO groups (id, task_id, dispatched_at, status, created_ms) VALUES ($1, $2, $3, $4, $5)",
            group.Id.Value, StoredText.Write(task.Id.Value), group.DispatchedAt.Value, GroupStatus.Running, now);
        foreach (var episode in group.Episodes)
        {
            await AddEpisodeAsync(statements, group.Id, episode);
        }
    }

    /// <summary>Returns the attempts that took effect: a place whose result came first is left as it is.</summary>
    public static async Task<ImmutableArray<StoredEpisode>> AddAttemptsAsync(
        PostgresStatements statements, GroupId group, IReadOnlyList<StoredEpisode> attempts)
    {
        var given = ImmutableArray.CreateBuilder<StoredEpisode>();
        foreach (var attempt in attempts)
        {
            if (await TryGiveAsync(statements, attempt) || await TryReplaceAsync(statements, group, attempt))
            {
                given.Add(attempt);
            }
        }

        return given.ToImmutable();
    }

    public static async Task<Receipt> AddResultAsync(PostgresStatements statements, EpisodeResult result)
    {
        var receipt = await EndAsync(statements, result);
        if (receipt == Receipt.Kept)
        {
            await statements.ExecuteAsync(
                """
                UPDATE groups SET status = 2
                WHERE id = (SELECT group_id FROM episodes WHERE id = $1) AND status = 1
                  AND NOT EXISTS (SELECT FROM episodes WHERE group_id = groups.id AND NOT superseded AND status = 0)
                """,
                StoredText.Write(result.Episode.Value));
        }

        return receipt;
    }

    public static async Task<Receipt> AddRetryAsync(PostgresStatements statements, EpisodeResult broken, StoredEpisode next)
    {
        var receipt = await EndAsync(statements, broken);
        if (receipt == Receipt.Kept)
        {
            var group = await statements.ReadAsync<long>(
                "UPDATE episodes SET superseded = true WHERE id = $1 RETURNING group_id", StoredText.Write(broken.Episode.Value));
            await AddEpisodeAsync(statements, new GroupId(group), next);
        }

        return receipt;
    }

    public static async Task<Receipt> GiveUpAsync(PostgresStatements statements, DeadLetter letter, EpisodeResult? broken, long now)
    {
        if (broken is not null && await EndAsync(statements, broken) is var receipt && receipt != Receipt.Kept)
        {
            return receipt;
        }

        if (await statements.ReadAsync<int>("SELECT status FROM groups WHERE id = $1", letter.Group.Value) == GroupStatus.Consumed)
        {
            return Receipt.Stale;
        }

        await statements.ExecuteAsync(
            "INSERT INTO dead_letters (group_id, episode_id, attempts, kind, reason, step, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            letter.Group.Value, StoredText.Write(letter.Episode.Value), letter.Attempts, (int)letter.Kind, StoredText.Write(letter.Reason),
            letter.Step.Value, now);
        await ConsumeAsync(statements, [letter.ToConsumption()], now);
        return Receipt.Kept;
    }

    public static async Task ConsumeAsync(PostgresStatements statements, IEnumerable<Consumption> consumptions, long now)
    {
        foreach (var consumption in consumptions)
        {
            var changed = await statements.ExecuteAsync(
                """
                INSERT INTO consumption (seq, group_id, kind, step, position, reason, created_ms)
                VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM consumption), $1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
                """,
                consumption.Group.Value, (int)consumption.Kind, consumption.Step.Value, consumption.Position,
                StoredText.Write(consumption.Reason), now);
            if (changed == 0)
            {
                throw StoreFaults.ConsumedBefore(consumption);
            }

            await statements.ExecuteAsync("UPDATE groups SET status = 3 WHERE id = $1", consumption.Group.Value);
        }
    }

    public static async Task TrainAsync(PostgresStatements statements, BatchManifest batch, long now)
    {
        await ConsumeAsync(statements, batch.Consumptions, now);
        var seq = await statements.TryReadAsync<long>(
            """
            INSERT INTO batches (seq, step, hash, created_ms) VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM batches), $1, $2, $3)
            ON CONFLICT DO NOTHING RETURNING seq
            """,
            batch.Step.Value, batch.Hash, now) ?? throw StoreFaults.TrainedBefore(batch.Step);
        foreach (var (position, entry) in batch.Groups.Index())
        {
            await statements.ExecuteAsync(
                "INSERT INTO batch_groups (batch, position, group_id, oldest_version, newest_version, hash) VALUES ($1, $2, $3, $4, $5, $6)",
                seq, position, entry.Group.Value, entry.OldestVersion, entry.NewestVersion, entry.Hash);
        }
    }

    /// <summary>Returns the groups that are available again.</summary>
    public static async Task<HashSet<long>> PutBackAfterAsync(PostgresStatements statements, PolicyVersion version)
    {
        var undone = await statements.ReadLongsAsync(
            """
            UPDATE groups SET status = 2
            WHERE id IN (SELECT group_id FROM consumption WHERE NOT undone AND step > $1 AND kind <> $2) RETURNING id
            """,
            version.Value, (int)ConsumptionKind.Failed);
        await statements.ExecuteAsync(
            "UPDATE consumption SET undone = true WHERE NOT undone AND step > $1 AND kind <> $2", version.Value, (int)ConsumptionKind.Failed);
        await statements.ExecuteAsync("UPDATE batches SET undone = true WHERE NOT undone AND step > $1", version.Value);
        return undone;
    }

    public static Task LogAsync(PostgresStatements statements, ScheduleEvent recorded, long opening, long now)
        => statements.ExecuteAsync(
            "INSERT INTO schedule (opening, kind, group_id, head, created_ms) VALUES ($1, $2, $3, $4, $5)",
            opening, (int)recorded.Kind, recorded.Index, recorded.Head, now);

    private static Task<int> AddEpisodeAsync(PostgresStatements statements, GroupId group, StoredEpisode episode)
        => statements.ExecuteAsync(
            "INSERT INTO episodes (id, group_id, index_in_group, attempt, failures, worker, lease) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            StoredText.Write(episode.Id.Value), group.Value, episode.IndexInGroup, episode.Attempt, episode.Failures,
            StoredText.Write(episode.Lease?.Worker.Value ?? ""), episode.Lease?.Token ?? 0);

    // An attempt that is there already, and that nobody has ended.
    private static async Task<bool> TryGiveAsync(PostgresStatements statements, StoredEpisode attempt)
        => await statements.ExecuteAsync(
            "UPDATE episodes SET failures = $2, worker = $3, lease = $4 WHERE id = $1 AND status = 0 AND NOT superseded",
            StoredText.Write(attempt.Id.Value), attempt.Failures, StoredText.Write(attempt.Lease?.Worker.Value ?? ""),
            attempt.Lease?.Token ?? 0) > 0;

    private static async Task<bool> TryReplaceAsync(PostgresStatements statements, GroupId group, StoredEpisode attempt)
    {
        var replaced = await statements.ExecuteAsync(
            """
            UPDATE episodes SET superseded = true
            WHERE group_id = $1 AND index_in_group = $2 AND attempt < $3 AND NOT superseded AND status = 0
              AND EXISTS (SELECT FROM groups WHERE id = $1 AND groups.status = 1)
            """,
            group.Value, attempt.IndexInGroup, attempt.Attempt) > 0;
        if (replaced)
        {
            await AddEpisodeAsync(statements, group, attempt);
        }

        return replaced;
    }

    private static async Task<Receipt> EndAsync(PostgresStatements statements, EpisodeResult result)
    {
        var id = StoredText.Write(result.Episode.Value);
        var state = await statements.TryReadAsync<int>(
            $"SELECT {StateOfEpisode} FROM episodes JOIN groups ON groups.id = group_id WHERE episodes.id = $1", id)
            ?? throw StoreFaults.UnknownEpisode(result.Episode);
        if (state != StillOpen)
        {
            return state == Replaced ? Receipt.Stale
                : state == (int)result.Status ? Receipt.Duplicate
                : throw StoreFaults.EndedOtherwise(result);
        }

        StoreFaults.CheckRewards(result, await statements.ReadAsync<long>("SELECT COUNT(*) FROM completions WHERE episode_id = $1", id));
        await statements.ExecuteAsync(
            """
            UPDATE episodes SET status = $2, end_cause = $3, success = $4, tool_calls = $5, tool_errors = $6, elapsed_ticks = $7,
                detail = $8, rewards = $9
            WHERE id = $1
            """,
            id, (int)result.Status, StoredText.Write(result.EndCause), result.Success, result.ToolCalls, result.ToolErrors,
            result.Elapsed.Ticks, StoredText.Write(result.Detail), PackedArray.FromRewards(result.Rewards));
        return Receipt.Kept;
    }
}
