using Dapper;
using Npgsql;

namespace Forge.DataPool.Postgres;

/// <summary>Keeps tokens from being pruned while somebody reads them: readers share the lock, a prune has it alone. A session holds it.</summary>
internal static class TokenLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LockFor = TimeSpan.FromSeconds(3);

    /// <summary>False when others have it. The server needs a moment to notice that a session has ended.</summary>
    /// <param name="connection">Holds it until it is closed.</param>
    /// <param name="run">Whose tokens.</param>
    /// <param name="isShared">For readers.</param>
    /// <param name="time">Paces waiting.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<bool> TryTakeAsync(
        NpgsqlConnection connection, PostgresRun run, bool isShared, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var sql = $"SELECT pg_try_advisory_lock{(isShared ? "_shared" : "")}(hashtextextended(@name, 0))";
        while (!await connection.ExecuteScalarAsync<bool>(sql, new { name = "forge tokens " + run.Schema }))
        {
            if (time.GetElapsedTime(started) > LockFor)
            {
                return false;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }

        return true;
    }
}
