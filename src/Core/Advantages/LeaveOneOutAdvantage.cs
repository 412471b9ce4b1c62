namespace Forge.Core.Advantages;

/// <summary>
/// A_i = R_i − mean of the others (RLOO, arXiv 2402.14740), which equals (R_i − mean) · n / (n − 1); optionally over the
/// unbiased standard deviation of the others. A group of one has advantage 0.
/// </summary>
public static class LeaveOneOutAdvantage
{
    /// <param name="rewards">One per episode of the group.</param>
    /// <param name="advantages">Written; as long as <paramref name="rewards"/>.</param>
    /// <param name="normalizeByStd">Divides where the others differ at all.</param>
    /// <param name="epsilon">Added to the standard deviation.</param>
    public static void Compute(
        ReadOnlySpan<double> rewards,
        Span<double> advantages,
        bool normalizeByStd = false,
        double epsilon = GroupRelativeAdvantage.DefaultEpsilon)
    {
        if (rewards.Length < 2)
        {
            advantages[..rewards.Length].Clear();
            return;
        }

        Span<double> others = rewards.Length <= 256 ? stackalloc double[rewards.Length - 1] : new double[rewards.Length - 1];
        for (var index = 0; index < rewards.Length; index++)
        {
            rewards[..index].CopyTo(others);
            rewards[(index + 1)..].CopyTo(others[index..]);
            var statistics = GroupStatistics.Of(others);
            var scale = normalizeByStd && statistics.HasVariance ? statistics.StandardDeviation + epsilon : 1;
            advantages[index] = (rewards[index] - statistics.Mean) / scale;
        }
    }
}
