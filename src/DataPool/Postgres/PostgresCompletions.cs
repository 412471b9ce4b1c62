using Forge.Core.Ports;
using Forge.DataPool.Rows;
using Forge.DataPool.Stores;
using Npgsql;
using NpgsqlTypes;

namespace Forge.DataPool.Postgres;

/// <summary>Writes completions, by far the most frequent records: all that have queued up in one statement.</summary>
internal static class PostgresCompletions
{
    // Returns the ids of those added: of open episodes, and not there yet.
    private const string Insert =
        $"""
        INSERT INTO completions (id, episode_id, turn, format, prompt_ids, response_ids, policy_log_probs, behavior_log_probs,
            token_versions, oldest_kv_version, sampling, finish_reason, routed_experts, queued_ticks, first_token_ticks, total_ticks,
            cached_prompt_tokens)
        SELECT given.* FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) AS given (new_id, of_episode)
        JOIN episodes ON episodes.id = of_episode JOIN groups ON groups.id = group_id
        WHERE {PostgresWrites.StateOfEpisode} = 0
        ON CONFLICT DO NOTHING RETURNING id
        """;

    /// <summary>The statement for all of them; it returns the stored ids of those added.</summary>
    public static NpgsqlBatchCommand Command(IReadOnlyList<PostgresWrite> writes)
    {
        var command = new NpgsqlBatchCommand(Insert);
        Add(NpgsqlDbType.Text, write => write.StoredId);
        Add(NpgsqlDbType.Text, write => StoredText.Write(write.Completion!.Episode.Value));
        Add(NpgsqlDbType.Integer, write => write.Completion!.Turn);
        Add(NpgsqlDbType.Integer, write => (int)write.Packed!.Format);
        Add(NpgsqlDbType.Bytea, write => write.Packed!.PromptIds);
        Add(NpgsqlDbType.Bytea, write => write.Packed!.ResponseIds);
        Add(NpgsqlDbType.Bytea, write => write.Packed!.PolicyLogProbs);
        Add(NpgsqlDbType.Bytea, write => write.Packed!.BehaviorLogProbs);
        Add(NpgsqlDbType.Bytea, write => write.Packed!.TokenVersions);
        Add(NpgsqlDbType.Bigint, write => write.Completion!.OldestKvVersion.Value);
        Add(NpgsqlDbType.Bytea, write => write.Packed!.Sampling);
        Add(NpgsqlDbType.Integer, write => (int)write.Completion!.FinishReason);
        Add(NpgsqlDbType.Bytea, write => write.Completion!.RoutedExperts.IsDefaultOrEmpty ? null : write.Completion.RoutedExperts.ToArray());
        Add(NpgsqlDbType.Bigint, write => write.Completion!.Timings.Queued.Ticks);
        Add(NpgsqlDbType.Bigint, write => write.Completion!.Timings.TimeToFirstToken.Ticks);
        Add(NpgsqlDbType.Bigint, write => write.Completion!.Timings.Total.Ticks);
        Add(NpgsqlDbType.Integer, write => write.Completion!.Timings.CachedPromptTokens);
        return command;

        void Add<T>(NpgsqlDbType type, Func<PostgresWrite, T> column)
            => command.Parameters.Add(new NpgsqlParameter { Value = writes.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>What is there already says why a completion was not added.</summary>
    public static async Task<Receipt> ExplainAsync(PostgresStatements statements, PostgresWrite write)
    {
        var (completion, packed) = (write.Completion!, write.Packed!);
        var state = await statements.TryReadAsync<int>(
            $"SELECT {PostgresWrites.StateOfEpisode} FROM episodes JOIN groups ON groups.id = group_id WHERE episodes.id = $1",
            StoredText.Write(completion.Episode.Value));
        var isThere = await statements.TryReadAsync<bool>(
            "SELECT (format & 8) <> 0 OR (format = $2 AND prompt_ids = $3 AND response_ids = $4) FROM completions WHERE id = $1",
            write.StoredId, (int)packed.Format, packed.PromptIds, packed.ResponseIds);
        return (isThere, state) switch
        {
            (true, _) => Receipt.Duplicate,
            (false, _) or (null, PostgresWrites.StillOpen) => throw StoreFaults.OtherCompletion(completion),
            (null, null) => throw StoreFaults.UnknownEpisode(completion.Episode),
            _ => Receipt.Stale,
        };
    }
}
