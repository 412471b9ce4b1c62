namespace Forge.Core.Advantages;

/// <summary>Mean and unbiased standard deviation of one group's rewards.</summary>
/// <param name="Count">Rewards.</param>
/// <param name="Mean">0 when there are none.</param>
/// <param name="StandardDeviation">With n − 1 in the denominator; 0 for fewer than two rewards.</param>
public readonly record struct GroupStatistics(int Count, double Mean, double StandardDeviation)
{
    /// <summary>Below this the rewards are equal but for rounding (0.1, 0.1, 0.1 has an exact deviation of 1.7e-17).</summary>
    public const double SmallestDeviation = 1e-12;

    /// <summary>True when the rewards differ: without that, group-relative advantages are all 0 and teach nothing.</summary>
    public bool HasVariance => StandardDeviation > SmallestDeviation;

    public static GroupStatistics Of(ReadOnlySpan<double> rewards)
    {
        var sum = 0.0;
        foreach (var reward in rewards)
        {
            sum += reward;
        }

        var mean = rewards.IsEmpty ? 0 : sum / rewards.Length;
        var squares = 0.0;
        foreach (var reward in rewards)
        {
            squares += (reward - mean) * (reward - mean);
        }

        return new GroupStatistics(rewards.Length, mean, rewards.Length < 2 ? 0 : Math.Sqrt(squares / (rewards.Length - 1)));
    }
}
