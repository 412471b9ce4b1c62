namespace Forge.Trainer;

/// <summary>What of a batch is computed once: all of them give the same gradients (docs/prefix-tree.md).</summary>
public enum MergeMode
{
    /// <summary>Every prefix that samples share, across turns, branches and the episodes of a group.</summary>
    Tree = 0,

    /// <summary>Only the growing history of an append-only episode.</summary>
    Episode = 1,

    /// <summary>Nothing: one sequence per completion.</summary>
    None = 2,
}
