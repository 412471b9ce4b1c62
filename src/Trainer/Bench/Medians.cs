namespace Forge.Trainer.Bench;

internal static class Medians
{
    /// <summary>The middle value, the upper one of two.</summary>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
