using Dapper;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>Frees the space of what old steps trained on. Groups, results, batches and the consumption log stay; tokens and log-probabilities go.</summary>
public static class PoolPruning
{
    private const string Consumed =
        """
        FROM completions WHERE episode_id IN (
            SELECT episodes.id FROM episodes
            JOIN consumption ON consumption.group_id = episodes.group_id AND NOT consumption.undone
            WHERE consumption.step <= @last)
        """;

    /// <summary>Removes the completions of groups that steps up to <paramref name="last"/> consumed, and returns their number.</summary>
    /// <param name="path">The pool.db of a run that no process works on.</param>
    /// <param name="last">At most the version of the oldest checkpoint that the run may be resumed from.</param>
    /// <param name="isTrial">Only counts.</param>
    /// <exception cref="ForgeException">The file is no pool, or a process works on it.</exception>
    public static long Prune(string path, PolicyVersion last, bool isTrial)
    {
        if (!File.Exists(path))
        {
            throw new ForgeException($"There is no pool '{path}'. Give the folder of a run that has one.");
        }

        using var owner = SqliteEpisodeStore.Own(path);
        using var connection = SqliteConnections.OpenWriter(path);
        try
        {
            if (isTrial)
            {
                return connection.ExecuteScalar<long>($"SELECT COUNT(*) {Consumed}", new { last = last.Value });
            }

            var removed = connection.Execute($"DELETE {Consumed}", new { last = last.Value });
            connection.Execute("VACUUM");
            return removed;
        }
        catch (SqliteException fault)
        {
            throw SqliteFaults.Translate(fault, path);
        }
    }
}
