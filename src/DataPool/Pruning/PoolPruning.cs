using System.Data.Common;
using Dapper;
using Forge.Core.Ring;

namespace Forge.DataPool.Pruning;

/// <summary>
/// Frees the space of what old steps trained on: tokens, log-probabilities and routing go. Groups, results, rewards, batches, the consumption
/// log and the row of every completion stay, so that whatever was acknowledged is still found. Nobody works on the run or reads it meanwhile.
/// </summary>
public abstract class PoolPruning : IAsyncDisposable
{
    // Literals, so that the words of both databases agree: 8 is CompletionFormat.Pruned.
    private const string Whole =
        """
        (format & 8) = 0 AND episode_id IN (
            SELECT episodes.id FROM episodes JOIN consumption ON consumption.group_id = episodes.group_id AND NOT consumption.undone
        """;

    private const string Sizes =
        "length(prompt_ids) + length(response_ids) + length(policy_log_probs) + length(behavior_log_probs) + length(token_versions) "
        + "+ COALESCE(length(routed_experts), 0)";

    private readonly DbConnection _connection;

    private protected PoolPruning(DbConnection connection) => _connection = connection;

    private protected DbConnection Connection => _connection;

    /// <summary>The last step that was acknowledged before a moment; the initial version when none was.</summary>
    public Task<PolicyVersion> LastStepBeforeAsync(DateTimeOffset moment)
        => TranslateAsync(async () => new PolicyVersion(await _connection.ExecuteScalarAsync<long>(
            "SELECT COALESCE(MAX(step), 0) FROM consumption WHERE NOT undone AND kind = 1 AND created_ms < @before",
            new { before = moment.ToUnixTimeMilliseconds() })));

    /// <summary>Says what <see cref="PruneAsync"/> would take away, and changes nothing.</summary>
    /// <param name="last">At most the version of the oldest checkpoint that the run may be resumed from.</param>
    public Task<PruneReport> CountAsync(PolicyVersion last)
        => TranslateAsync(async () =>
        {
            var (completions, bytes) = await _connection.QuerySingleAsync<(long, long)>(
                $"SELECT COUNT(*), CAST(COALESCE(SUM({Sizes}), 0) AS BIGINT) FROM completions WHERE {Whole} WHERE step <= @last)",
                new { last = last.Value });
            return new PruneReport(last, completions, bytes);
        });

    /// <summary>Takes away what <see cref="CountAsync"/> says and gives the space back; stopped half-way, it can be repeated.</summary>
    /// <param name="last">At most the version of the oldest checkpoint that the run may be resumed from.</param>
    /// <param name="cancellationToken">Stops after a step.</param>
    public async Task<PruneReport> PruneAsync(PolicyVersion last, CancellationToken cancellationToken)
    {
        var report = await CountAsync(last);
        await TranslateAsync(async () =>
        {
            foreach (var step in await StepsAsync(last))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await PruneStepAsync(step);
            }

            await CompactAsync();
            return true;
        });
        return report;
    }

    /// <summary>What the ledger takes on its disk, in bytes.</summary>
    public Task<long> SizeAsync() => TranslateAsync(ReadSizeAsync);

    /// <summary>Lets others work on the run again.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _connection.DisposeAsync();
    }

    private protected abstract Task<long> ReadSizeAsync();

    private protected abstract Task CompactAsync();

    private protected abstract Exception Translate(DbException fault);

    private Task<IEnumerable<long>> StepsAsync(PolicyVersion last)
        => _connection.QueryAsync<long>(
            "SELECT DISTINCT step FROM consumption WHERE NOT undone AND step <= @last ORDER BY step", new { last = last.Value });

    // A step at a time: no transaction is large, and a prune that is stopped has done whole steps.
    private Task<int> PruneStepAsync(long step)
        => _connection.ExecuteAsync(
            $"""
            UPDATE completions SET format = format | 8, prompt_ids = @none, response_ids = @none, policy_log_probs = @none,
                behavior_log_probs = @none, token_versions = @none, routed_experts = NULL
            WHERE {Whole} WHERE step = @step)
            """,
            new { step, none = Array.Empty<byte>() });

    private async Task<T> TranslateAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (DbException fault)
        {
            throw Translate(fault);
        }
    }
}
