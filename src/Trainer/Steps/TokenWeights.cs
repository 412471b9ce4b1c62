using System.Collections.Immutable;
using Forge.Core.Aggregation;
using Forge.Trainer.Batches;

namespace Forge.Trainer.Steps;

/// <summary>
/// The normaliser of the loss: every group weighs the same, and within a group every trajectory token
/// (CISPO: 1 / Σ_i |o_i| over the group). Counted over trajectories, so merging sequences can't change it.
/// </summary>
internal static class TokenWeights
{
    /// <returns>For each completion, the weight of each of its response tokens.</returns>
    public static double[] PerGroup(ImmutableArray<ScoredCompletion> completions)
    {
        int[] tokens = [.. completions.Select(scored => scored.Completion.ResponseIds.Length)];
        int[] groups = [.. completions.Select(scored => scored.GroupIndex)];
        return TokenCoefficients.Compute(AggregationMode.GroupTokenMean, tokens, groups, AggregationTotals.Of(tokens, groups));
    }
}
