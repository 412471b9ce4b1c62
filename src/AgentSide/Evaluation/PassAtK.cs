namespace Forge.AgentSide.Evaluation;

/// <summary>Estimates how often at least one of k attempts solves a task.</summary>
public static class PassAtK
{
    /// <summary>
    /// The unbiased estimate 1 - C(n - c, k) / C(n, k) from n attempts with c solved (Chen et al. 2021, arXiv 2107.03374, eq. 1).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 ≤ solved ≤ attempts, or not 1 ≤ k ≤ attempts.</exception>
    public static double Estimate(int attempts, int solved, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(solved);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(solved, attempts);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, attempts);
        if (attempts - solved < k)
        {
            return 1;
        }

        // C(n - c, k) / C(n, k) as a product of ratios: nothing overflows.
        var allFail = 1.0;
        for (var index = attempts - solved + 1; index <= attempts; index++)
        {
            allFail *= 1 - ((double)k / index);
        }

        return 1 - allFail;
    }
}
