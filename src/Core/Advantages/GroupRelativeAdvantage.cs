namespace Forge.Core.Advantages;

/// <summary>
/// A_i = (R_i − mean) / (std + ε) over one group (GRPO, arXiv 2402.03300), or without the division (Dr. GRPO, arXiv 2503.20783).
/// A group of one has advantage 0: there is nothing to compare with.
/// </summary>
public static class GroupRelativeAdvantage
{
    /// <summary>Added to the standard deviation, so that a group without variance divides by something.</summary>
    public const double DefaultEpsilon = 1e-6;

    /// <param name="rewards">One per episode of the group.</param>
    /// <param name="advantages">Written; as long as <paramref name="rewards"/>.</param>
    /// <param name="normalizeByStd">Divides by the unbiased standard deviation; off, hard and easy tasks keep their scale.</param>
    /// <param name="epsilon">Added to the standard deviation.</param>
    public static void Compute(
        ReadOnlySpan<double> rewards, Span<double> advantages, bool normalizeByStd, double epsilon = DefaultEpsilon)
        => Compute(rewards, advantages, normalizeByStd ? GroupStatistics.Of(rewards).StandardDeviation + epsilon : 1);

    /// <summary>Divides by a given scale instead, such as the deviation of the whole batch.</summary>
    public static void Compute(ReadOnlySpan<double> rewards, Span<double> advantages, double scale)
    {
        var statistics = GroupStatistics.Of(rewards);
        for (var index = 0; index < rewards.Length; index++)
        {
            advantages[index] = (rewards[index] - statistics.Mean) / scale;
        }
    }
}
