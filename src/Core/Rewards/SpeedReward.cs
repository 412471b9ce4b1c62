namespace Forge.Core.Rewards;

/// <summary>
/// h(T / T_baseline) of the M2 report's eq. 5, which leaves h open but for its falling: 1 up to the baseline, then linearly down to 0
/// at twice the baseline. Bounded, so that no episode gains by being absurdly quick or loses more by being absurdly slow.
/// </summary>
public static class SpeedReward
{
    /// <param name="time">T: wall-clock or turns, tools included; at least 0.</param>
    /// <param name="baseline">T_baseline, in the same unit; greater than 0.</param>
    /// <returns>In [0, 1], never rising with <paramref name="time"/>.</returns>
    public static double Of(double time, double baseline)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(time);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(baseline);
        return Math.Clamp(2 - (time / baseline), 0, 1);
    }
}
