namespace Forge.Hosting.Local;

/// <summary>How a PostgreSQL server is stopped.</summary>
public enum PostgresStop
{
    /// <summary>Ends its sessions, writes a checkpoint, exits.</summary>
    Fast = 0,

    /// <summary>Exits without a checkpoint (SIGQUIT): the next start recovers from the log.</summary>
    Immediate = 1,

    /// <summary>SIGKILL for every process of the server, as the kernel does when memory runs out.</summary>
    Kill = 2,
}
