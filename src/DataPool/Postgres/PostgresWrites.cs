using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Rows;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Postgres;

/// <summary>The rarer writes of a run, each within a transaction of <see cref="PostgresWriter"/>.</summary>
internal static class PostgresWrites
{
    public const int StillOpen = 0;

    /// <summary>Open, replaced (by a newer attempt, or with its group), or the status with which the episode ended.</summary>
    public const string StateOfEpisode =
        "CASE WHEN episodes.status <> 0 THEN episodes.status WHEN superseded OR groups.status = 3 THEN -1 ELSE 0 END";

    private const int Replaced = -1;

    private const string AddEpisodes =
        """
        INSERT INTO episodes (id, group_id, index_in_group, attempt, failures, worker, lease)
        SELECT new_id, $1, place, attempt, failures, worker, lease FROM unnest($2, $3, $4, $5, $6, $7) AS given (new_id, place, attempt, failures, worker, lease)
        """;

    public static async Task AddGroupAsync(PostgresStatements statements, StoredGroup group, long now)
    {
        var task = group.Task;
        await statements.ExecuteAllAsync(
            ("INSERT INTO tasks (id, environment, split, difficulty, seed) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                [StoredText.Write(task.Id.Value), StoredText.Write(task.Environment), (int)task.Split, task.Difficulty, unchecked((long)task.Seed)]),
            ("INSERT INTO groups (id, task_id, dispatched_at, status, created_ms) VALUES ($1, $2, $3, $4, $5)",
                [group.Id.Value, StoredText.Write(task.Id.Value), group.DispatchedAt.Value, GroupStatus.Running, now]),
            (AddEpisodes,
                [
                    group.Id.Value, Column(episode => StoredText.Write(episode.Id.Value)), Column(episode => episode.IndexInGroup),
                    Column(episode => episode.Attempt), Column(episode => episode.Failures),
                    Column(episode => StoredText.Write(episode.Lease?.Worker.Value ?? "")), Column(episode => episode.Lease?.Token ?? 0),
                ]));

        T[] Column<T>(Func<StoredEpisode, T> value) => [.. group.Episodes.Select(value)];
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
        var given = consumptions.ToArray();
        var groups = Column(consumption => consumption.Group.Value);
        var written = await statements.ReadLongsAsync(
            """
            INSERT INTO consumption (seq, group_id, kind, step, position, reason, created_ms)
            SELECT (SELECT COALESCE(MAX(seq), 0) FROM consumption) + number, of_group, kind, step, position, reason, $6
            FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS given (of_group, kind, step, position, reason, number)
            ON CONFLICT DO NOTHING RETURNING group_id
            """,
            groups, Column(consumption => (int)consumption.Kind), Column(consumption => consumption.Step.Value),
            Column(consumption => consumption.Position), Column(consumption => StoredText.Write(consumption.Reason)), now);
        if (System.Array.Find(given, consumption => !written.Contains(consumption.Group.Value)) is { } before)
        {
            throw StoreFaults.ConsumedBefore(before);
        }

        await statements.ExecuteAsync("UPDATE groups SET status = 3 WHERE id = ANY ($1)", groups);

        T[] Column<T>(Func<Consumption, T> value) => [.. given.Select(value)];
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
        await statements.ExecuteAsync(
            """
            INSERT INTO batch_groups (batch, position, group_id, oldest_version, newest_version, hash)
            SELECT $1, number - 1, of_group, oldest, newest, hash
            FROM unnest($2, $3, $4, $5) WITH ORDINALITY AS given (of_group, oldest, newest, hash, number)
            """,
            seq, Column(entry => entry.Group.Value), Column(entry => entry.OldestVersion), Column(entry => entry.NewestVersion), Column(entry => entry.Hash));

        T[] Column<T>(Func<BatchEntry, T> value) => [.. batch.Groups.Select(value)];
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

    /// <summary>Kept when the episode may end so; otherwise why it does not.</summary>
    /// <exception cref="Core.Faults.ForgeException">It is unknown, ended otherwise, or its rewards do not match its completions.</exception>
    public static async Task<Receipt> MayEndAsync(PostgresStatements statements, EpisodeResult result)
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
        return Receipt.Kept;
    }

    // A group whose last episode broke is not finished with it: its place is played again, or the group is given up.
    private static async Task<Receipt> EndAsync(PostgresStatements statements, EpisodeResult result)
    {
        var receipt = await MayEndAsync(statements, result);
        if (receipt == Receipt.Kept)
        {
            await statements.ExecuteAsync(
                """
                UPDATE episodes SET status = $2, end_cause = $3, success = $4, tool_calls = $5, tool_errors = $6, elapsed_ticks = $7,
                    detail = $8, rewards = $9
                WHERE id = $1
                """,
                StoredText.Write(result.Episode.Value), (int)result.Status, StoredText.Write(result.EndCause), result.Success, result.ToolCalls,
                result.ToolErrors, result.Elapsed.Ticks, StoredText.Write(result.Detail), PackedArray.FromRewards(result.Rewards));
        }

        return receipt;
    }
}
