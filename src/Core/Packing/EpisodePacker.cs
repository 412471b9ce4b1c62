using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>
/// Makes one sequence of each append-only run of an episode: turn k + 1's prompt begins with turn k's prompt and response, so
/// one pass over the longest scores them all. A turn whose history was rewritten starts a new sequence.
/// </summary>
public sealed class EpisodePacker : ISamplePacker
{
    public ImmutableArray<PackedBatch> Pack(IReadOnlyList<TrainingSample> samples, int tokenBudget)
        => ForestPacking.Pack(samples, tokenBudget, Runs, Runs);

    // Numbers the sequence that each sample is part of.
    private static int[] Runs(IReadOnlyList<TrainingSample> samples)
    {
        var runs = new int[samples.Count];
        for (var index = 1; index < runs.Length; index++)
        {
            runs[index] = runs[index - 1] + (AppendRule.Appends(samples[index - 1], samples[index]) ? 0 : 1);
        }

        return runs;
    }
}
