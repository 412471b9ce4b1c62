namespace Forge.Core.Advantages;

/// <summary>A_i = R_i − Σ_j L_j R_j / Σ_j L_j, the variance-optimal baseline when gradient norms grow with length L (OPO, arXiv 2505.23585).</summary>
public static class LengthWeightedAdvantage
{
    /// <param name="rewards">One per episode of the group.</param>
    /// <param name="lengths">Trained tokens of each episode; all zero gives advantages of 0.</param>
    /// <param name="advantages">Written; as long as <paramref name="rewards"/>.</param>
    public static void Compute(ReadOnlySpan<double> rewards, ReadOnlySpan<int> lengths, Span<double> advantages)
    {
        var tokens = 0L;
        var weighted = 0.0;
        for (var index = 0; index < rewards.Length; index++)
        {
            tokens += lengths[index];
            weighted += lengths[index] * rewards[index];
        }

        for (var index = 0; index < rewards.Length; index++)
        {
            advantages[index] = tokens == 0 || rewards.Length == 1 ? 0 : rewards[index] - (weighted / tokens);
        }
    }
}
