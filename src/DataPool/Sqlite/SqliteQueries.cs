using System.Collections.Immutable;
using Dapper;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Stores;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>The reads of pool.db. Each runs in one transaction, so that it sees one state.</summary>
internal static class SqliteQueries
{
    private const string GroupColumns =
        """
        groups.id AS Id, dispatched_at AS DispatchedAt, groups.status AS Status, task_id AS TaskId, environment AS Environment,
        split AS Split, difficulty AS Difficulty, seed AS Seed,
        COALESCE((SELECT kind FROM schedule WHERE group_id = groups.id ORDER BY seq DESC LIMIT 1), 0) AS LastEvent
        FROM groups JOIN tasks ON tasks.id = task_id
        """;

    public static PoolSnapshot Snapshot(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        var dispatched = connection.ExecuteScalar<long>("SELECT COALESCE(MAX(id) + 1, 0) FROM groups", transaction: transaction);
        var version = connection.ExecuteScalar<long>(
            "SELECT COALESCE(MAX(step), 0) FROM consumption WHERE undone = 0 AND kind = 1", transaction: transaction);
        var expired = connection.ExecuteScalar<long>(
            "SELECT COUNT(*) FROM consumption WHERE undone = 0 AND kind = 3", transaction: transaction);
        var groups = connection.Query<GroupRow>($"SELECT {GroupColumns} WHERE groups.status < 3 ORDER BY groups.id", transaction: transaction);
        var episodes = connection.Query<EpisodeRow>(
            """
            SELECT episodes.* FROM episodes JOIN groups ON groups.id = group_id
            WHERE groups.status < 3 AND superseded = 0 ORDER BY group_id, index_in_group
            """,
            transaction: transaction).ToLookup(row => row.group_id);
        return new PoolSnapshot(
            dispatched, new PolicyVersion(version), expired, [.. groups.Select(row => row.ToGroup(episodes[row.Id]))])
        {
            LastLease = connection.ExecuteScalar<long>("SELECT COALESCE(MAX(lease), 0) FROM episodes WHERE lease > 0", transaction: transaction),
            DeadLetters = connection.ExecuteScalar<long>("SELECT COUNT(*) FROM dead_letters", transaction: transaction),
        };
    }

    public static Group Group(SqliteConnection connection, GroupId id)
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        var group = connection.QuerySingleOrDefault<GroupRow>($"SELECT {GroupColumns} WHERE groups.id = @id", new { id = id.Value }, transaction)
            ?? throw new ForgeException($"Group {id} is not in the pool.");
        var parameters = new { id = id.Value };
        var episodes = connection.Query<EpisodeRow>(
            "SELECT * FROM episodes WHERE group_id = @id AND superseded = 0 ORDER BY index_in_group", parameters, transaction);
        var completions = connection.Query<CompletionRow>(
            """
            SELECT completions.* FROM completions JOIN episodes ON episodes.id = episode_id
            WHERE group_id = @id AND superseded = 0 ORDER BY episode_id, turn
            """,
            parameters,
            transaction).ToLookup(row => row.episode_id, row => row.ToCompletion());
        var rewards = connection.Query<RewardRow>(
            """
            SELECT rewards.* FROM rewards JOIN episodes ON episodes.id = episode_id
            WHERE group_id = @id AND superseded = 0 ORDER BY episode_id, turn
            """,
            parameters,
            transaction).ToLookup(row => row.episode_id, row => new StepReward(row.process, row.speed, row.outcome));
        return new Group(
            id,
            group.ToTask(),
            new PolicyVersion(group.DispatchedAt),
            [.. episodes.Select(row => row.ToEpisode([.. completions[row.id]], [.. rewards[row.id]]))]);
    }

    public static ImmutableArray<GroupId> Step(SqliteConnection connection, PolicyVersion step)
        => [.. connection.Query<long>(
            "SELECT group_id FROM consumption WHERE undone = 0 AND kind = 1 AND step = @step ORDER BY position", new { step = step.Value })
            .Select(group => new GroupId(group))];

    public static ImmutableArray<Consumption> Consumptions(SqliteConnection connection)
        => [.. connection.Query<(long Group, int Kind, long Step, int Position, string Reason)>(
            "SELECT group_id, kind, step, position, reason FROM consumption WHERE undone = 0 ORDER BY seq")
            .Select(row => new Consumption(
                new GroupId(row.Group), (ConsumptionKind)row.Kind, new PolicyVersion(row.Step), row.Position, row.Reason))];

    public static ImmutableArray<DeadLetter> DeadLetters(SqliteConnection connection)
        => [.. connection.Query<(long Group, string Episode, int Attempts, int Kind, string Reason, long Step)>(
            "SELECT group_id, episode_id, attempts, kind, reason, step FROM dead_letters ORDER BY created_ms, group_id")
            .Select(row => new DeadLetter(
                new GroupId(row.Group), new EpisodeId(row.Episode), row.Attempts, (FailureKind)row.Kind, row.Reason, new PolicyVersion(row.Step)))];

    public static ImmutableArray<CompletionId> Missing(SqliteConnection connection, IReadOnlyCollection<CompletionId> completions)
        => [.. completions.Where(completion => connection.ExecuteScalar<long>(
            "SELECT COUNT(*) FROM completions WHERE id = @id", new { id = completion.Value }) == 0)];

    public static ImmutableArray<EpisodeId> Unfinished(SqliteConnection connection, IReadOnlyCollection<EpisodeId> episodes)
        => [.. episodes.Where(episode => connection.ExecuteScalar<long>(
            "SELECT COUNT(*) FROM episodes WHERE id = @id AND status <> 0", new { id = episode.Value }) == 0)];

    public static ImmutableArray<ScheduleEvent> Schedule(SqliteConnection connection)
        => [.. connection.Query<(int Kind, long Index, long Head)>("SELECT kind, group_id, head FROM schedule ORDER BY seq")
            .Select(row => new ScheduleEvent((ScheduleEventKind)row.Kind, row.Index, row.Head))];
}
