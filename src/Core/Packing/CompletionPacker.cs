using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>Makes one sequence of each sample: nothing is shared.</summary>
public sealed class CompletionPacker : ISamplePacker
{
    public ImmutableArray<PackedBatch> Pack(IReadOnlyList<TrainingSample> samples, int tokenBudget)
        => ForestPacking.Pack(samples, tokenBudget, ForestPacking.EachAlone, ForestPacking.EachAlone);
}
