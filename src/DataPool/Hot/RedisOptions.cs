using Forge.Hosting.Local;
using Forge.Hosting.RunFiles;

namespace Forge.DataPool.Hot;

/// <summary>Where the hot state of runs is, beside whatever <c>data_pool.store</c> keeps.</summary>
public sealed class RedisOptions
{
    /// <summary>The connection that means the server which <c>forge up</c> keeps in the run's folder.</summary>
    public const string Local = "local";

    /// <summary>Hosts and options in StackExchange.Redis' form, such as <c>redis.internal:6379,ssl=true</c>; never a password. <c>local</c> is the
    /// server that <c>forge up</c> keeps in the run's folder; empty for none.</summary>
    public string Connection { get; init; } = "";

    /// <summary>The server's password; null where it asks for none.</summary>
    [Secret]
    public string? Password { get; init; }

    /// <summary>True when <c>forge up</c> keeps the server.</summary>
    public bool IsLocal => Connection == Local;

    public bool IsUsed => Connection.Length > 0;

    /// <summary>Connects as the run does, now or as soon as the server is there.</summary>
    /// <param name="runDirectory">The run's folder; its name is the run's among others on the server.</param>
    /// <param name="time">Paces waiting.</param>
    /// <exception cref="Core.Faults.ForgeException">The run's own server was never started.</exception>
    public async Task<IHotState> ConnectAsync(string runDirectory, TimeProvider time)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(runDirectory));
        var connection = IsLocal ? new LocalRedis(Path.Combine(folder, "redis"), time).ConnectionString
            : Password is null ? Connection
            : $"{Connection},password={Password}";
        return await RedisHotState.ConnectAsync(connection, Path.GetFileName(folder), time);
    }
}
