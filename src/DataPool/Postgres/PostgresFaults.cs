using System.Net.Sockets;
using Forge.Core.Faults;
using Npgsql;

namespace Forge.DataPool.Postgres;

/// <summary>Tells lost connections from refusals, and turns both into messages that say what to do.</summary>
internal static class PostgresFaults
{
    /// <summary>True when the server went away, is starting or stopping, or refuses connections for the moment: the outcome is unknown.</summary>
    public static bool IsLost(Exception fault) => fault switch
    {
        PostgresException { SqlState: "53300" or "57P01" or "57P02" or "57P03" or "57P05" } => true,
        PostgresException { InvariantSeverity: "FATAL" or "PANIC" } ended => !IsRefusal(ended),
        PostgresException refused => refused.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException or SocketException or IOException or TimeoutException or ObjectDisposedException => true,
        _ => false,
    };

    public static bool IsDuplicate(Exception fault) => fault is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    public static Exception Translate(Exception fault, PostgresRun run) => fault switch
    {
        ForgeException => fault,
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new ForgeException(
            $"The database's disk is full ({run.Place}). Free some space and resume; what was acknowledged is kept.", fault)
        {
            IsTransient = true,
        },
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused
            => new ForgeException($"PostgreSQL refuses the user ({refused.MessageText}). Check data_pool.postgres.connection and password.", fault),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } refused => new ForgeException(
            $"PostgreSQL has no such database ({refused.MessageText}). Create it, or change data_pool.postgres.connection.", fault),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused => new ForgeException(
            $"The user may not work on the {run.Place} ({refused.MessageText}). Grant it CREATE on the database.", fault),
        _ when IsLost(fault) => new InfrastructureFaultException(
            $"PostgreSQL can't be reached ({fault.Message}; {run.Place}). Start it; what was acknowledged is kept.", fault),
        PostgresException refused => new ForgeException($"PostgreSQL refuses a write to the {run.Place}: {refused.SqlState} {refused.MessageText}", fault),
        _ => fault,
    };

    // Of the connection itself: user, password or database are wrong, and stay so.
    private static bool IsRefusal(PostgresException ended)
        => ended.SqlState.StartsWith("28", StringComparison.Ordinal)
            || ended.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege;
}
