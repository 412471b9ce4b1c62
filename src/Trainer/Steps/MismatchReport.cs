namespace Forge.Trainer.Steps;

/// <summary>How far the rollout's and the trainer's log-probabilities are apart on the same weights.</summary>
public sealed class MismatchReport
{
    private readonly List<float> _differences = [];
    private double _sum;
    private long _compared;
    private long _disagreeing;

    /// <summary>Tokens compared.</summary>
    public int Tokens => _differences.Count;

    /// <summary>Mean |Δ log-prob| over all tokens.</summary>
    public double Mean => Tokens == 0 ? 0 : _sum / Tokens;

    /// <summary>Largest |Δ log-prob| over tokens whose expert choices agree (or are unknown).</summary>
    public double Max { get; private set; }

    /// <summary>Fraction of tokens, of those with recorded routing, for which some layer chose other experts.</summary>
    public double RouteDisagreement => _compared == 0 ? 0 : (double)_disagreeing / _compared;

    /// <summary>Quantile of |Δ log-prob| over all tokens, the nearest rank.</summary>
    /// <param name="q">In (0, 1].</param>
    public double Quantile(double q)
    {
        if (Tokens == 0)
        {
            return 0;
        }

        var sorted = _differences.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(q * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    internal void Add(double difference, bool? agrees)
    {
        _differences.Add((float)difference);
        _sum += difference;
        _compared += agrees is null ? 0 : 1;
        _disagreeing += agrees is false ? 1 : 0;
        if (agrees is not false)
        {
            Max = Math.Max(Max, difference);
        }
    }
}
