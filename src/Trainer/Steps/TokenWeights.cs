using System.Collections.Immutable;
using Forge.Core.Aggregation;
using Forge.Trainer.Algorithms;
using Forge.Trainer.Batches;

namespace Forge.Trainer.Steps;

/// <summary>
/// The normaliser of the loss, over a whole step. A trajectory is an episode; its tokens are those of its responses, each counted once per
/// completion that generated it, so merging sequences can't change it.
/// </summary>
internal static class TokenWeights
{
    /// <returns>For each completion, the weight of each of its response tokens.</returns>
    public static double[] Of(ImmutableArray<ScoredCompletion> completions, AlgorithmOptions options)
    {
        var places = new Dictionary<int, int>();
        var (tokens, groups) = (new List<int>(), new List<int>());
        foreach (var scored in completions)
        {
            if (places.TryAdd(scored.Chain, tokens.Count))
            {
                tokens.Add(0);
                groups.Add(scored.GroupIndex);
            }

            tokens[places[scored.Chain]] += scored.Completion.ResponseIds.Length;
        }

        int[] counts = [.. tokens];
        var totals = AggregationTotals.Of(counts, [.. groups], options.NormalizerLength);
        var factors = TokenCoefficients.Compute(LossRecipe.Of(options).Normalizer, counts, [.. groups], totals);
        return [.. completions.Select(scored => factors[places[scored.Chain]])];
    }
}
