namespace Forge.DataPool.Stores;

/// <summary>How a group left the pool. Stored as a number: append only.</summary>
public enum ConsumptionKind
{
    Unspecified = 0,

    /// <summary>It was part of an acknowledged optimizer step.</summary>
    Trained = 1,

    /// <summary>The trainer had no use for it (no variance, nothing to train on).</summary>
    Skipped = 2,

    /// <summary>It was the head beyond its deadline, or one of its episodes used up its attempts.</summary>
    Failed = 3,
}
