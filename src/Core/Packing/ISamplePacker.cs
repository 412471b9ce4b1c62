using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>Lays samples out for the trainer: the one seam behind which sequences are merged, or not.</summary>
public interface ISamplePacker
{
    /// <summary>Packs every sample, whole, into exactly one batch.</summary>
    /// <param name="samples">Samples of one chain stand together, in turn order.</param>
    /// <param name="tokenBudget">Most rows that are computed at once: batches end there, and what must stay together is cut (<see cref="PackedBatch.Cuts"/>).</param>
    /// <exception cref="ArgumentException">A sample has no prompt or no response, or the budget is below 1.</exception>
    ImmutableArray<PackedBatch> Pack(IReadOnlyList<TrainingSample> samples, int tokenBudget);
}
