namespace Forge.DataPool.Stores;

/// <summary>What keeps a run's ledger.</summary>
public enum PoolStore
{
    Unspecified = 0,

    /// <summary>One file, <c>pool.db</c>, in the run's folder; nothing to install.</summary>
    Sqlite = 1,

    /// <summary>A schema of a PostgreSQL database.</summary>
    Postgres = 2,
}
