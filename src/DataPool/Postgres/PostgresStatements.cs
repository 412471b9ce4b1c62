using Npgsql;
using NpgsqlTypes;

namespace Forge.DataPool.Postgres;

/// <summary>Runs statements within the writer's transaction; parameters are <c>$1</c>, <c>$2</c>, … in order. Npgsql prepares what comes often.</summary>
internal sealed class PostgresStatements(NpgsqlConnection connection)
{
    /// <summary>Returns the number of rows changed.</summary>
    public async Task<int> ExecuteAsync(string sql, params object[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs statements whose results nobody needs, in one round trip.</summary>
    public async Task ExecuteAllAsync(params (string Sql, object[] Values)[] all)
    {
        await using var batch = Batch();
        foreach (var (sql, values) in all)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values)
            {
                command.Parameters.Add(Parameter(value));
            }

            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>Null when there is no such row.</summary>
    public async Task<T?> TryReadAsync<T>(string sql, params object[] values)
        where T : struct
    {
        await using var command = Command(sql, values);
        return (T?)await command.ExecuteScalarAsync();
    }

    public async Task<T> ReadAsync<T>(string sql, params object[] values)
        where T : struct
        => (await TryReadAsync<T>(sql, values))!.Value;

    /// <summary>The first column of every row.</summary>
    public async Task<HashSet<long>> ReadLongsAsync(string sql, params object[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync();
        HashSet<long> read = [];
        while (await reader.ReadAsync())
        {
            read.Add(reader.GetInt64(0));
        }

        return read;
    }

    /// <summary>Many runs of one statement in one round trip.</summary>
    public NpgsqlBatch Batch() => new(connection);

    public static NpgsqlParameter Parameter(object value) => value is DBNull
        ? new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Bytea }
        : new NpgsqlParameter { Value = value };

    private NpgsqlCommand Command(string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(Parameter(value));
        }

        return command;
    }
}
