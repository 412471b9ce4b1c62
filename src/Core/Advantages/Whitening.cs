namespace Forge.Core.Advantages;

/// <summary>Shifts and scales the trained tokens of a whole batch to mean 0 and variance 1.</summary>
public static class Whitening
{
    // Under the root, so that a batch without variance divides by something.
    private const double VarianceEpsilon = 1e-8;

    /// <summary>x ← (x − mean) / sqrt(unbiased variance + 1e-8) where the mask is true; other positions become 0.</summary>
    /// <param name="values">All rows, one after another; changed in place.</param>
    /// <param name="mask">True for trained tokens; fewer than two of them leave their values at 0.</param>
    /// <param name="countEpsilon">Added to the number of tokens wherever it divides: 0, or the 1e-8 of some projects, to match them.</param>
    public static void Apply(Span<double> values, ReadOnlySpan<bool> mask, double countEpsilon = 0)
    {
        var (count, sum) = (0, 0.0);
        for (var index = 0; index < values.Length; index++)
        {
            count += mask[index] ? 1 : 0;
            sum += mask[index] ? values[index] : 0;
        }

        var mean = sum / Math.Max(1, count + countEpsilon);
        var squares = 0.0;
        for (var index = 0; index < values.Length; index++)
        {
            squares += mask[index] ? (values[index] - mean) * (values[index] - mean) : 0;
        }

        var variance = count < 2 ? 0 : squares / (count + countEpsilon) * (count / (count - 1.0));
        var scale = count < 2 ? 0 : 1 / Math.Sqrt(variance + VarianceEpsilon);
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = mask[index] ? (values[index] - mean) * scale : 0;
        }
    }
}
