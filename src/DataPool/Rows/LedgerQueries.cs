using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Rows;

/// <summary>The reads of every store, in the SQL that SQLite and PostgreSQL share. Each runs in one transaction, so that it sees one state.</summary>
internal static class LedgerQueries
{
    private const int MostParameters = 500;

    private const string GroupColumns =
        """
        groups.id AS Id, dispatched_at AS DispatchedAt, groups.status AS Status, task_id AS TaskId, environment AS Environment,
        split AS Split, difficulty AS Difficulty, seed AS Seed,
        COALESCE((SELECT kind FROM schedule WHERE group_id = groups.id ORDER BY seq DESC LIMIT 1), 0) AS LastEvent
        FROM groups JOIN tasks ON tasks.id = task_id
        """;

    public static async Task<PoolSnapshot> SnapshotAsync(DbTransaction transaction)
    {
        var connection = transaction.Connection!;
        var dispatched = await connection.ExecuteScalarAsync<long>("SELECT COALESCE(MAX(id) + 1, 0) FROM groups", transaction: transaction);
        var version = await connection.ExecuteScalarAsync<long>(
            "SELECT COALESCE(MAX(step), 0) FROM consumption WHERE NOT undone AND kind = 1", transaction: transaction);
        var expired = await connection.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM consumption WHERE NOT undone AND kind = 3", transaction: transaction);
        var groups = await connection.QueryAsync<GroupRow>(
            $"SELECT {GroupColumns} WHERE groups.status < 3 ORDER BY groups.id", transaction: transaction);
        var episodes = (await connection.QueryAsync<EpisodeRow>(
            """
            SELECT episodes.* FROM episodes JOIN groups ON groups.id = group_id
            WHERE groups.status < 3 AND NOT superseded ORDER BY group_id, index_in_group
            """,
            transaction: transaction)).ToLookup(row => row.group_id);
        return new PoolSnapshot(
            dispatched, new PolicyVersion(version), expired, [.. groups.Select(row => row.ToGroup(episodes[row.Id]))])
        {
            LastLease = await connection.ExecuteScalarAsync<long>(
                "SELECT COALESCE(MAX(lease), 0) FROM episodes WHERE lease > 0", transaction: transaction),
            GivenUpUnrecorded = [.. (await connection.QueryAsync<long>(
                """
                SELECT group_id FROM consumption
                WHERE NOT undone AND kind = 3
                  AND (SELECT kind FROM schedule WHERE group_id = consumption.group_id ORDER BY seq DESC LIMIT 1) NOT IN (6, 8)
                ORDER BY group_id
                """,
                transaction: transaction)).Select(group => new GroupId(group))],
            DeadLetters = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM dead_letters", transaction: transaction),
        };
    }

    public static async Task<Group> GroupAsync(DbTransaction transaction, GroupId id)
    {
        var connection = transaction.Connection!;
        var parameters = new { id = id.Value };
        var group = await connection.QuerySingleOrDefaultAsync<GroupRow>(
            $"SELECT {GroupColumns} WHERE groups.id = @id", parameters, transaction) ?? throw new ForgeException($"Group {id} is not in the pool.");
        var episodes = await connection.QueryAsync<EpisodeRow>(
            "SELECT * FROM episodes WHERE group_id = @id AND NOT superseded ORDER BY index_in_group", parameters, transaction);
        var rows = await connection.QueryAsync<CompletionRow>(
            """
            SELECT completions.* FROM completions JOIN episodes ON episodes.id = episode_id
            WHERE group_id = @id AND NOT superseded ORDER BY episode_id, turn
            """,
            parameters,
            transaction);
        var completions = rows.ToLookup(
            row => row.episode_id, row => row.IsPruned ? throw StoreFaults.Pruned(id) : row.ToCompletion());
        return new Group(
            id, group.ToTask(), new PolicyVersion(group.DispatchedAt), [.. episodes.Select(row => row.ToEpisode([.. completions[row.id]]))]);
    }

    public static async Task<ImmutableArray<GroupId>> StepAsync(DbTransaction transaction, PolicyVersion step)
        => [.. (await transaction.Connection!.QueryAsync<long>(
            "SELECT group_id FROM consumption WHERE NOT undone AND kind = 1 AND step = @step ORDER BY position", new { step = step.Value }, transaction))
            .Select(group => new GroupId(group))];

    public static async Task<BatchManifest?> BatchAsync(DbTransaction transaction, PolicyVersion step)
    {
        var rows = await transaction.Connection!.QueryAsync<(long Group, long Oldest, long Newest, string Hash)>(
            """
            SELECT group_id, oldest_version, newest_version, hash FROM batch_groups
            WHERE batch = (SELECT seq FROM batches WHERE NOT undone AND step = @step) ORDER BY position
            """,
            new { step = step.Value },
            transaction);
        var entries = rows.Select(row => new BatchEntry(new GroupId(row.Group), row.Oldest, row.Newest, row.Hash)).ToImmutableArray();
        return entries.IsEmpty ? null : new BatchManifest(step, entries);
    }

    public static async Task<ImmutableArray<Consumption>> ConsumptionsAsync(DbTransaction transaction)
        => [.. (await transaction.Connection!.QueryAsync<(long Group, int Kind, long Step, int Position, string Reason)>(
            "SELECT group_id, kind, step, position, reason FROM consumption WHERE NOT undone ORDER BY seq", transaction: transaction))
            .Select(row => new Consumption(
                new GroupId(row.Group), (ConsumptionKind)row.Kind, new PolicyVersion(row.Step), row.Position, StoredText.Read(row.Reason)))];

    public static async Task<ImmutableArray<DeadLetter>> DeadLettersAsync(DbTransaction transaction)
        => [.. (await transaction.Connection!.QueryAsync<(long Group, string Episode, int Attempts, int Kind, string Reason, long Step)>(
            "SELECT group_id, episode_id, attempts, kind, reason, step FROM dead_letters ORDER BY created_ms, group_id", transaction: transaction))
            .Select(row => new DeadLetter(
                new GroupId(row.Group),
                new EpisodeId(StoredText.Read(row.Episode)),
                row.Attempts,
                (FailureKind)row.Kind,
                StoredText.Read(row.Reason),
                new PolicyVersion(row.Step)))];

    public static async Task<ImmutableArray<CompletionId>> MissingAsync(DbTransaction transaction, IReadOnlyCollection<CompletionId> completions)
    {
        var there = await FindAsync(transaction, "SELECT id FROM completions WHERE", completions.Select(id => id.Value));
        return [.. completions.Where(id => !there.Contains(id.Value))];
    }

    public static async Task<ImmutableArray<EpisodeId>> UnfinishedAsync(DbTransaction transaction, IReadOnlyCollection<EpisodeId> episodes)
    {
        var ended = await FindAsync(transaction, "SELECT id FROM episodes WHERE status <> 0 AND", episodes.Select(id => id.Value));
        return [.. episodes.Where(id => !ended.Contains(id.Value))];
    }

    public static async Task<ImmutableArray<ScheduleEvent>> ScheduleAsync(DbTransaction transaction)
        => [.. (await transaction.Connection!.QueryAsync<(int Kind, long Index, long Head)>(
            "SELECT kind, group_id, head FROM schedule ORDER BY seq", transaction: transaction))
            .Select(row => new ScheduleEvent((ScheduleEventKind)row.Kind, row.Index, row.Head))];

    // A statement takes a limited number of parameters. They have names of their own: Dapper's lists differ between the databases.
    private static async Task<HashSet<string>> FindAsync(DbTransaction transaction, string select, IEnumerable<string> ids)
    {
        var found = new HashSet<string>();
        foreach (var some in ids.Select(StoredText.Write).Chunk(MostParameters))
        {
            var parameters = new DynamicParameters(some.Index().Select(pair => KeyValuePair.Create<string, object>($"p{pair.Index}", pair.Item)));
            var sql = $"{select} id IN ({string.Join(", ", parameters.ParameterNames.Select(name => "@" + name))})";
            found.UnionWith((await transaction.Connection!.QueryAsync<string>(sql, parameters, transaction)).Select(StoredText.Read));
        }

        return found;
    }
}
