using Forge.Core.Ports;
using Npgsql;
using NpgsqlTypes;

namespace Forge.DataPool.Postgres;

/// <summary>Makes the frequent writes that have queued up in one round trip: a statement for each kind, however many they are.</summary>
internal static class PostgresFrequent
{
    private const string Log =
        "INSERT INTO schedule (opening, kind, group_id, head, created_ms) SELECT * FROM unnest($1, $2, $3, $4, $5)";

    /// <summary>Sends them before what the batch has already; returns those that took effect.</summary>
    /// <param name="batch">Disposed afterwards.</param>
    /// <param name="writes">Frequent ones; none of an episode after its result.</param>
    public static async Task<HashSet<PostgresWrite>> SendAsync(NpgsqlBatch batch, IReadOnlyList<PostgresWrite> writes)
    {
        await using (batch)
        {
            var kinds = Kinds(writes);
            var commands = kinds.SelectMany(kind => kind.Commands).Concat(batch.BatchCommands).ToArray();
            batch.BatchCommands.Clear();
            foreach (var command in commands)
            {
                batch.BatchCommands.Add(command);
            }

            var done = writes.Where(write => write.Event is not null).ToHashSet();
            await using var reader = await batch.ExecuteReaderAsync();
            foreach (var kind in kinds.Where(kind => kind.Returns))
            {
                var byId = kind.Writes.ToLookup(write => write.StoredId, StringComparer.Ordinal);
                while (await reader.ReadAsync())
                {
                    done.Add(byId[reader.GetString(0)].First());
                }

                await reader.NextResultAsync();
            }

            // Faults of what follows in the batch, the commit among them, come with its result.
            while (await reader.NextResultAsync())
            {
            }

            return done;
        }
    }

    /// <summary>What became of a write that did not take effect.</summary>
    /// <exception cref="Core.Faults.ForgeException">It is refused; the message says why.</exception>
    public static Task<Receipt> ExplainAsync(PostgresStatements statements, PostgresWrite write)
        => write.Completion is not null ? PostgresCompletions.ExplainAsync(statements, write) : PostgresResults.ExplainAsync(statements, write);

    private static List<(List<PostgresWrite> Writes, List<NpgsqlBatchCommand> Commands, bool Returns)> Kinds(IReadOnlyList<PostgresWrite> writes)
    {
        List<(List<PostgresWrite> Writes, List<NpgsqlBatchCommand> Commands, bool Returns)> kinds = [];
        Add(write => write.Completion is not null, some => [PostgresCompletions.Command(some)], returns: true);
        Add(write => write.Result is not null, PostgresResults.Commands, returns: true);
        Add(write => write.Event is not null, some => [LogCommand(some)], returns: false);
        return kinds;

        void Add(Func<PostgresWrite, bool> isOfKind, Func<List<PostgresWrite>, IEnumerable<NpgsqlBatchCommand>> commands, bool returns)
        {
            if (writes.Where(isOfKind).ToList() is { Count: > 0 } some)
            {
                kinds.Add((some, [.. commands(some)], returns));
            }
        }
    }

    private static NpgsqlBatchCommand LogCommand(List<PostgresWrite> writes)
    {
        var command = new NpgsqlBatchCommand(Log);
        Add(NpgsqlDbType.Bigint, logged => logged.Opening);
        Add(NpgsqlDbType.Integer, logged => (int)logged.Recorded.Kind);
        Add(NpgsqlDbType.Bigint, logged => logged.Recorded.Index);
        Add(NpgsqlDbType.Bigint, logged => logged.Recorded.Head);
        Add(NpgsqlDbType.Bigint, logged => logged.Milliseconds);
        return command;

        void Add<T>(NpgsqlDbType type, Func<LoggedEvent, T> column)
            => command.Parameters.Add(
                new NpgsqlParameter { Value = writes.Select(write => column(write.Event!)).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }
}
