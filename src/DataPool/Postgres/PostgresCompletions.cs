using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Rows;
using Forge.DataPool.Stores;
using Npgsql;

namespace Forge.DataPool.Postgres;

/// <summary>Writes completions, by far the most frequent records: all that have queued up go to the server in one round trip.</summary>
internal static class PostgresCompletions
{
    // One row: the episode's state (null: unknown, 0: open), and whether the completion was added.
    private const string Insert =
        $"""
        WITH state AS (
            SELECT {PostgresWrites.StateOfEpisode} AS value FROM episodes JOIN groups ON groups.id = group_id WHERE episodes.id = $2
        ), added AS (
            INSERT INTO completions (id, episode_id, turn, format, prompt_ids, response_ids, policy_log_probs, behavior_log_probs,
                token_versions, oldest_kv_version, sampling, finish_reason, routed_experts, queued_ticks, first_token_ticks, total_ticks,
                cached_prompt_tokens)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17 FROM state WHERE value = 0
            ON CONFLICT DO NOTHING RETURNING 1
        )
        SELECT (SELECT value FROM state), EXISTS (SELECT FROM added)
        """;

    /// <summary>Returns a receipt for each, in order.</summary>
    /// <exception cref="Core.Faults.ForgeException">One of them is of an unknown episode, or another completion has its id or its turn.</exception>
    public static async Task<Receipt[]> AddAsync(PostgresStatements statements, IReadOnlyList<Completion> completions)
    {
        var outcomes = await InsertAsync(statements, completions);
        var receipts = new Receipt[completions.Count];
        for (var index = 0; index < receipts.Length; index++)
        {
            var (state, isAdded) = outcomes[index];
            receipts[index] = isAdded ? Receipt.Kept : await ExplainAsync(statements, completions[index], state);
        }

        return receipts;
    }

    private static async Task<List<(int? State, bool IsAdded)>> InsertAsync(PostgresStatements statements, IReadOnlyList<Completion> completions)
    {
        await using var batch = statements.Batch();
        foreach (var completion in completions)
        {
            batch.BatchCommands.Add(Command(completion));
        }

        var outcomes = new List<(int?, bool)>(completions.Count);
        await using var reader = await batch.ExecuteReaderAsync();
        do
        {
            await reader.ReadAsync();
            outcomes.Add((reader.IsDBNull(0) ? null : reader.GetInt32(0), reader.GetBoolean(1)));
        }
        while (await reader.NextResultAsync());
        return outcomes;
    }

    private static NpgsqlBatchCommand Command(Completion completion)
    {
        var packed = PackedCompletion.Of(completion);
        var command = new NpgsqlBatchCommand(Insert);
        object[] values =
        [
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
            completion.RoutedExperts.IsDefaultOrEmpty ? DBNull.Value : completion.RoutedExperts.ToArray(),
            completion.Timings.Queued.Ticks,
            completion.Timings.TimeToFirstToken.Ticks,
            completion.Timings.Total.Ticks,
            completion.Timings.CachedPromptTokens,
        ];
        foreach (var value in values)
        {
            command.Parameters.Add(PostgresStatements.Parameter(value));
        }

        return command;
    }

    // What is there already says why it was not added.
    private static async Task<Receipt> ExplainAsync(PostgresStatements statements, Completion completion, int? state)
    {
        var packed = PackedCompletion.Of(completion);
        var isThere = await statements.TryReadAsync<bool>(
            "SELECT format = $2 AND prompt_ids = $3 AND response_ids = $4 FROM completions WHERE id = $1",
            StoredText.Write(completion.Id.Value), (int)packed.Format, packed.PromptIds, packed.ResponseIds);
        return (isThere, state) switch
        {
            (true, _) => Receipt.Duplicate,
            (false, _) or (null, PostgresWrites.StillOpen) => throw StoreFaults.OtherCompletion(completion),
            (null, null) => throw StoreFaults.UnknownEpisode(completion.Episode),
            _ => Receipt.Stale,
        };
    }
}
