using System.ComponentModel.DataAnnotations;
using Forge.Hosting.Local;
using Forge.Hosting.RunFiles;

namespace Forge.DataPool.Postgres;

/// <summary>Where the ledger of runs is, when <c>data_pool.store</c> is <c>postgres</c>.</summary>
public sealed class PostgresOptions
{
    /// <summary>The connection that means the server which <c>forge up</c> keeps in the run's folder.</summary>
    public const string Local = "local";

    /// <summary>Host, port, database and user in Npgsql's form, such as <c>Host=db.internal;Database=forge;Username=forge</c>; never a password.
    /// <c>local</c> is the server that <c>forge up</c> keeps in the run's folder.</summary>
    public string Connection { get; init; } = "";

    /// <summary>The user's password; null where the server asks for none.</summary>
    [Secret]
    public string? Password { get; init; }

    /// <summary>Names the run within the database; empty takes the name of the run's folder. A resumed run keeps its name.</summary>
    public string Run { get; init; } = "";

    /// <summary>For this long a lost connection is sought again, in seconds, before waiting calls fail as transient.</summary>
    [Range(0.0, 3600.0)]
    public double ReconnectSeconds { get; init; } = 60;

    /// <summary>True when <c>forge up</c> keeps the server.</summary>
    public bool IsLocal => Connection == Local;

    /// <summary>The same with the run's own server for <c>local</c>.</summary>
    public PostgresOptions For(string runDirectory, TimeProvider time) => !IsLocal ? this : new PostgresOptions
    {
        Connection = new LocalPostgres(Path.Combine(runDirectory, "postgres"), time).ConnectionString(),
        Password = Password,
        Run = Run,
        ReconnectSeconds = ReconnectSeconds,
    };
}
