namespace Forge.Core.Packing.Costs;

/// <summary>What training on some samples computes, and what it would compute unmerged.</summary>
/// <param name="Merged">What is computed.</param>
/// <param name="PerCompletion">One sequence per sample (<see cref="CompletionPacker"/>).</param>
/// <param name="PerEpisode">One sequence per append-only run of an episode: what <see cref="EpisodePacker"/> lays out.</param>
public sealed record TreeFigures(PassCosts Merged, PassCosts PerCompletion, PassCosts PerEpisode)
{
    public CostComparison VersusCompletion => new(Merged, PerCompletion);

    public CostComparison VersusEpisode => new(Merged, PerEpisode);

    /// <summary>Figures of batches as they were packed: paths that are repeated between batches count each time.</summary>
    /// <param name="samples">The samples, in the order in which they were packed.</param>
    /// <param name="batches">Where they went.</param>
    public static TreeFigures Of(IReadOnlyList<TrainingSample> samples, IEnumerable<PackedBatch> batches)
    {
        var merged = batches.Aggregate(default(PassCosts), (total, batch) => total + PassCosts.Of(batch));
        PassCosts completions = default, episodes = default;
        var edges = 0L;
        for (var index = 0; index < samples.Count; index++)
        {
            var sample = samples[index];
            completions += PassCosts.OfSequence(sample.ForwardTokens, sample.ResponseIds.Length);
            edges += sample.ResponseIds.Length;
            if (index + 1 == samples.Count || !AppendRule.Appends(sample, samples[index + 1]))
            {
                episodes += PassCosts.OfSequence(sample.ForwardTokens, edges);
                edges = 0;
            }
        }

        return new TreeFigures(merged, completions, episodes);
    }

    /// <summary>Figures of all samples merged without a budget: the ideal.</summary>
    public static TreeFigures Ideal(IReadOnlyList<TrainingSample> samples) => Of(samples, new TreePacker().Pack(samples, int.MaxValue));
}
