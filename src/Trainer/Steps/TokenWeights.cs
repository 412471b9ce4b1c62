using System.Collections.Immutable;
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
        var tokens = completions.GroupBy(scored => scored.GroupIndex)
            .ToDictionary(group => group.Key, group => group.Sum(scored => (double)scored.Completion.ResponseIds.Length));
        return [.. completions.Select(scored => 1 / (tokens[scored.GroupIndex] * tokens.Count))];
    }
}
