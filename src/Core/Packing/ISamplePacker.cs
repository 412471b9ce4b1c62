using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>Lays samples out for the trainer: the one seam behind which sequences are merged, or not.</summary>
public interface ISamplePacker
{
    /// <summary>Packs every sample into exactly one batch.</summary>
    /// <param name="samples">Samples of one chain stand together, in turn order.</param>
    /// <param name="tokenBudget">Most rows per batch; a single chain link longer than that gets a batch of its own.</param>
    /// <exception cref="ArgumentException">A sample has no prompt or no response, or the budget is below 1.</exception>
    ImmutableArray<PackedBatch> Pack(IReadOnlyList<TrainingSample> samples, int tokenBudget);
}
