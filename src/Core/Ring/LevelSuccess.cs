namespace Forge.Core.Ring;

/// <summary>How often tasks of one difficulty (or of all) were solved.</summary>
/// <param name="Success">Fraction solved, in [0, 1].</param>
/// <param name="Count">Tasks tried.</param>
/// <param name="Low">Lower end of the Wilson 95 % interval.</param>
/// <param name="High">Upper end of the Wilson 95 % interval.</param>
public sealed record LevelSuccess(double Success, int Count, double Low, double High)
{
    // Two-sided 95 % quantile of the standard normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>Wilson's score interval (Wilson 1927), which stays inside [0, 1] also for few tasks.</summary>
    public static LevelSuccess Of(int solved, int count)
    {
        if (count == 0)
        {
            return new LevelSuccess(0, 0, 0, 1);
        }

        var p = (double)solved / count;
        var denominator = 1 + (Z * Z / count);
        var centre = (p + (Z * Z / (2 * count))) / denominator;
        var half = Z * Math.Sqrt((p * (1 - p) / count) + (Z * Z / (4.0 * count * count))) / denominator;
        return new LevelSuccess(p, count, Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
