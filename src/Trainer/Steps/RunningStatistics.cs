namespace Forge.Trainer.Steps;

/// <summary>Counts, sums and extremes of a stream of numbers, in double.</summary>
internal sealed class RunningStatistics
{
    private double _sum;
    private double _sumOfSquares;

    public long Count { get; private set; }

    public double Min { get; private set; } = double.PositiveInfinity;

    public double Max { get; private set; } = double.NegativeInfinity;

    public double Mean => Count == 0 ? 0 : _sum / Count;

    /// <summary>Unbiased; 0 for fewer than two numbers.</summary>
    public double StandardDeviation
        => Count < 2 ? 0 : Math.Sqrt(Math.Max(0, (_sumOfSquares - (_sum * _sum / Count)) / (Count - 1)));

    public void Add(double value)
    {
        Count++;
        _sum += value;
        _sumOfSquares += value * value;
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
    }

    /// <summary>Writes <c>{name}/mean</c>, <c>/min</c>, <c>/max</c> and <c>/std</c>; nothing when no number came.</summary>
    public void WriteTo(IDictionary<string, double> metrics, string name)
    {
        if (Count == 0)
        {
            return;
        }

        metrics[name + "/mean"] = Mean;
        metrics[name + "/min"] = Min;
        metrics[name + "/max"] = Max;
        metrics[name + "/std"] = StandardDeviation;
    }
}
