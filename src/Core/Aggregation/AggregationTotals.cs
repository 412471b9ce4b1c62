namespace Forge.Core.Aggregation;

/// <summary>The denominators of a whole optimizer step. Micro-batches share them, so that how a step is cut never changes its loss.</summary>
/// <param name="Tokens">N: trained tokens over trajectories.</param>
/// <param name="Trajectories">R: trajectories with at least one trained token.</param>
/// <param name="AllTrajectories">Trajectories, empty ones included.</param>
/// <param name="Groups">Groups, empty ones included.</param>
/// <param name="Length">The constant length of the modes that need one; 0 for the others.</param>
public readonly record struct AggregationTotals(long Tokens, int Trajectories, int AllTrajectories, int Groups, double Length)
{
    /// <param name="tokenCounts">Trained tokens of each trajectory.</param>
    /// <param name="groups">The group of each trajectory.</param>
    /// <param name="length">The constant length, where the mode needs one.</param>
    public static AggregationTotals Of(ReadOnlySpan<int> tokenCounts, ReadOnlySpan<int> groups, double length = 0)
    {
        var (tokens, filled) = (0L, 0);
        foreach (var count in tokenCounts)
        {
            tokens += count;
            filled += count > 0 ? 1 : 0;
        }

        return new AggregationTotals(tokens, filled, tokenCounts.Length, new HashSet<int>(groups.ToArray()).Count, length);
    }
}
