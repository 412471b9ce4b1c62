using System.Collections.Immutable;
using Forge.Core.Packing.Trees;

namespace Forge.Core.Packing;

/// <summary>
/// What all packers do; they differ only in which samples may share rows. Merge the fed tokens, deal samples into batches, and lay each
/// batch out as the forest of its own samples.
/// </summary>
internal static class ForestPacking
{
    /// <param name="samples">The samples to pack.</param>
    /// <param name="tokenBudget">Most rows of a chunk.</param>
    /// <param name="rootsOf">Gives each sample a number from 0; samples share rows only under the same number.</param>
    /// <param name="runsOf">Numbers the run of each sample, ascending from 0: one batch holds a whole run, whose samples append to each other.</param>
    /// <exception cref="ArgumentException">A sample has no prompt or no response, or its routing doesn't fit its tokens or the other samples'.</exception>
    public static ImmutableArray<PackedBatch> Pack(
        IReadOnlyList<TrainingSample> samples, int tokenBudget, Func<IReadOnlyList<TrainingSample>, int[]> rootsOf,
        Func<IReadOnlyList<TrainingSample>, int[]> runsOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokenBudget, 1);
        if (samples.Count == 0)
        {
            return [];
        }

        var width = RoutingWidth(samples);
        var roots = rootsOf(samples);
        var sequences = samples.Select((sample, index) => ForestSequence.Fed(sample, roots[index])).ToArray();
        var whole = PrefixForest.Merge(sequences, width);
        if (whole.RowCount <= tokenBudget)
        {
            return [Lay(whole, [.. samples], [.. Enumerable.Range(0, samples.Count)], tokenBudget)];
        }

        return
        [
            .. new BatchDealer(whole, runsOf(samples), tokenBudget).Deal().Select(batch => Lay(
                batch.Length == samples.Count ? whole : PrefixForest.Merge(Array.ConvertAll(batch, index => sequences[index]), width),
                Array.ConvertAll(batch, index => samples[index]),
                batch,
                tokenBudget)),
        ];
    }

    /// <summary>Gives every sample a number of its own.</summary>
    public static int[] EachAlone(IReadOnlyList<TrainingSample> samples) => [.. Enumerable.Range(0, samples.Count)];

    // Recorded choices per fed token; 0 when no sample has any.
    private static int RoutingWidth(IReadOnlyList<TrainingSample> samples)
    {
        var width = 0;
        for (var index = 0; index < samples.Count; index++)
        {
            var sample = samples[index];
            if (sample.PromptIds.IsDefaultOrEmpty || sample.ResponseIds.IsDefaultOrEmpty)
            {
                throw new ArgumentException(
                    $"Sample {index} has {Count(sample.PromptIds)} prompt and {Count(sample.ResponseIds)} response tokens; both need at least one.");
            }

            if (!sample.RoutedExperts.IsDefaultOrEmpty)
            {
                width = width == 0 ? sample.RoutedExperts.Length / sample.ForwardTokens : width;
                if (width == 0 || sample.RoutedExperts.Length != width * sample.ForwardTokens)
                {
                    throw new ArgumentException(
                        $"Sample {index} has {sample.RoutedExperts.Length} recorded experts for {sample.ForwardTokens} fed tokens; "
                        + $"samples that are packed together need the same number for every token, here {Math.Max(width, 1)}.");
                }
            }
        }

        return width;
    }

    private static int Count(ImmutableArray<int> ids) => ids.IsDefault ? 0 : ids.Length;

    private static PackedBatch Lay(PrefixForest forest, TrainingSample[] samples, int[] indices, int tokenBudget)
    {
        var edges = new EdgeTable(forest, samples);
        return new PackedBatch
        {
            TokenIds = forest.TokenIds,
            Positions = forest.Positions,
            TreeStarts = forest.TreeStarts,
            KeyEnd = forest.HasBranches ? forest.KeyEnd : [],
            Multiplicity = forest.Multiplicity,
            Cuts = ChunkCuts.Place(forest.Positions.AsSpan(), tokenBudget),
            RoutedExperts = forest.Routing,
            EdgeRows = edges.Rows,
            EdgeTargets = edges.Targets,
            SampleEdges = edges.SampleEdges,
            SampleStarts = edges.SampleStarts,
            SampleIndices = [.. indices],
        };
    }
}
