using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Forge.Core.Ring;
using Forge.DataPool.Rows;

namespace Forge.DataPool.Archive;

/// <summary>Reads for people, in the SQL that SQLite and PostgreSQL share.</summary>
internal static class ArchiveQueries
{
    private static readonly string[] States = ["running", "running", "finished", "consumed"];
    private static readonly string[] Kinds = ["consumed", "trained", "skipped", "failed"];

    public static async Task<ImmutableArray<ArchivedGroup>> ListAsync(DbTransaction transaction, GroupId first, int most)
        => [.. (await transaction.Connection!.QueryAsync<Row>(
            """
            SELECT groups.id AS Id, task_id AS TaskId, dispatched_at AS DispatchedAt, groups.status AS Status,
                COALESCE(consumption.kind, 0) AS Kind, COALESCE(consumption.step, -1) AS Step, COALESCE(consumption.reason, '') AS Reason,
                (SELECT COUNT(*) FROM episodes WHERE group_id = groups.id AND NOT superseded) AS Episodes,
                (SELECT COUNT(*) FROM episodes WHERE group_id = groups.id) AS Attempts,
                (SELECT COUNT(*) FROM episodes WHERE group_id = groups.id AND NOT superseded AND success) AS Successes,
                (SELECT COUNT(*) FROM completions JOIN episodes ON episodes.id = episode_id
                    WHERE group_id = groups.id AND NOT superseded) AS Completions,
                EXISTS (SELECT 1 FROM completions JOIN episodes ON episodes.id = episode_id
                    WHERE group_id = groups.id AND (format & 8) <> 0) AS IsPruned
            FROM groups LEFT JOIN consumption ON consumption.group_id = groups.id AND NOT undone
            WHERE groups.id >= @first ORDER BY groups.id LIMIT @most
            """,
            new { first = first.Value, most },
            transaction)).Select(row => row.ToGroup())];

    public static async Task<PolicyVersion> LastPrunedAsync(DbTransaction transaction)
        => new(await transaction.Connection!.ExecuteScalarAsync<long>(
            """
            SELECT COALESCE(MAX(step), 0) FROM consumption WHERE NOT undone AND kind = 1 AND EXISTS (
                SELECT 1 FROM episodes JOIN completions ON episodes.id = episode_id
                WHERE episodes.group_id = consumption.group_id AND (format & 8) <> 0)
            """,
            transaction: transaction));

    private sealed class Row
    {
        public long Id { get; init; }

        public required string TaskId { get; init; }

        public long DispatchedAt { get; init; }

        public int Status { get; init; }

        public int Kind { get; init; }

        public long Step { get; init; }

        public required string Reason { get; init; }

        public int Episodes { get; init; }

        public int Attempts { get; init; }

        public int Successes { get; init; }

        public int Completions { get; init; }

        public bool IsPruned { get; init; }

        public ArchivedGroup ToGroup() => new(
            new GroupId(Id),
            new TaskId(StoredText.Read(TaskId)),
            new PolicyVersion(DispatchedAt),
            Kind > 0 ? Kinds[Kind] : States[Status],
            Step >= 0 ? Step : null,
            Episodes,
            Attempts,
            Successes,
            Completions,
            StoredText.Read(Reason))
        {
            IsPruned = IsPruned,
        };
    }
}
