namespace Forge.Cli.Chaos;

/// <summary>What chaos does to a run.</summary>
internal enum ChaosKind
{
    /// <summary>SIGKILL for a service.</summary>
    Kill,

    /// <summary>SIGSTOP for a service for longer than a lease lasts, then SIGCONT.</summary>
    Freeze,

    /// <summary>Every connection to a service is cut, and new ones are for a while.</summary>
    Cut,

    /// <summary>Everything that is sent to or by a service comes late for a while.</summary>
    Delay,

    /// <summary>Nothing that is sent to or by a service arrives for a while; nothing is lost.</summary>
    Stall,

    /// <summary>Redis forgets everything.</summary>
    FlushRedis,

    /// <summary>SIGKILL for Redis.</summary>
    KillRedis,

    /// <summary>PostgreSQL stops without a checkpoint (pg_ctl stop -m immediate).</summary>
    StopPostgres,

    /// <summary>SIGKILL for every process of PostgreSQL.</summary>
    KillPostgres,

    /// <summary>The disk that has the run, its database and its checkpoints is full for a while.</summary>
    FillDisk,
}
