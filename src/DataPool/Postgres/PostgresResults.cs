using Forge.Core.Ports;
using Forge.DataPool.Rows;
using Npgsql;
using NpgsqlTypes;

namespace Forge.DataPool.Postgres;

/// <summary>Writes how episodes ended: all that have queued up in two statements.</summary>
internal static class PostgresResults
{
    // Returns the ids of those ended: open until now, with a reward for each completion unless they broke.
    private const string End =
        $"""
        UPDATE episodes SET status = new_status, end_cause = new_cause, success = new_success, tool_calls = new_calls, tool_errors = new_errors,
            elapsed_ticks = new_elapsed, detail = new_detail, rewards = new_rewards
        FROM groups, unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS given (of_episode, new_status, new_cause, new_success, new_calls,
            new_errors, new_elapsed, new_detail, new_rewards, needed)
        WHERE episodes.id = of_episode AND groups.id = group_id AND {PostgresWrites.StateOfEpisode} = 0
          AND (needed < 0 OR needed = (SELECT COUNT(*) FROM completions WHERE episode_id = of_episode))
        RETURNING episodes.id
        """;

    // A group is finished with the last of its episodes.
    private const string Finish =
        """
        UPDATE groups SET status = 2
        WHERE status = 1 AND id IN (SELECT group_id FROM episodes WHERE id = ANY ($1))
          AND NOT EXISTS (SELECT FROM episodes WHERE group_id = groups.id AND NOT superseded AND status = 0)
        """;

    /// <summary>The statements for all of them; the first returns the stored ids of those that ended with it.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Commands(IReadOnlyList<PostgresWrite> writes)
    {
        var ids = writes.Select(write => write.StoredId).ToArray();
        var end = new NpgsqlBatchCommand(End) { Parameters = { Array(NpgsqlDbType.Text, ids) } };
        Add(NpgsqlDbType.Integer, write => (int)write.Result!.Status);
        Add(NpgsqlDbType.Text, write => StoredText.Write(write.Result!.EndCause));
        Add(NpgsqlDbType.Boolean, write => write.Result!.Success);
        Add(NpgsqlDbType.Integer, write => write.Result!.ToolCalls);
        Add(NpgsqlDbType.Integer, write => write.Result!.ToolErrors);
        Add(NpgsqlDbType.Bigint, write => write.Result!.Elapsed.Ticks);
        Add(NpgsqlDbType.Text, write => StoredText.Write(write.Result!.Detail));
        Add(NpgsqlDbType.Bytea, write => PackedArray.FromRewards(write.Result!.Rewards));
        Add(NpgsqlDbType.Integer, write => write.Result!.IsBroken ? -1 : write.Result.Rewards.Length);
        return [end, new NpgsqlBatchCommand(Finish) { Parameters = { Array(NpgsqlDbType.Text, ids) } }];

        void Add<T>(NpgsqlDbType type, Func<PostgresWrite, T> column) => end.Parameters.Add(Array(type, writes.Select(column).ToArray()));
    }

    /// <summary>What is there already says why an episode did not end.</summary>
    /// <exception cref="Core.Faults.ForgeException">It is unknown, ended otherwise, or its rewards do not match its completions.</exception>
    public static async Task<Receipt> ExplainAsync(PostgresStatements statements, PostgresWrite write)
        => await PostgresWrites.MayEndAsync(statements, write.Result!) is var receipt and not Receipt.Kept ? receipt
            : throw new InvalidOperationException($"Episode '{write.Episode}' can end, and did not.");

    private static NpgsqlParameter Array<T>(NpgsqlDbType type, T[] values) => new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type };
}
