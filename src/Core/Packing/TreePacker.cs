using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>
/// Merges the common beginnings of all samples, whichever episode or group they come from: each distinct (prefix, recorded routing) is
/// one row of a batch.
/// </summary>
/// <remarks>
/// What doesn't fit one pass is dealt into batches in the order of the whole forest, sample by sample; each batch is the forest of its
/// own samples, so a path that two batches share is computed in both. Where repeating it would cost more than forwarding the batch so
/// far once more (3 · path ≥ its rows), and where a sample alone is over the budget, the batch goes on and is cut instead: then only
/// keys and values cross. <see cref="BatchDealer"/> derives the rule, <see cref="ChunkCuts"/> chooses the boundaries.
/// </remarks>
public sealed class TreePacker : ISamplePacker
{
    public ImmutableArray<PackedBatch> Pack(IReadOnlyList<TrainingSample> samples, int tokenBudget)
        => ForestPacking.Pack(samples, tokenBudget, all => new int[all.Count], ForestPacking.EachAlone);
}
