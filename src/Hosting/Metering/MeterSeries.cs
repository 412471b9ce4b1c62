using System.Diagnostics.Metrics;

namespace Forge.Hosting.Metering;

/// <summary>One instrument with one set of labels. Safe for use by many threads.</summary>
/// <param name="kind">How measurements add up.</param>
/// <param name="labels">As they are shown.</param>
/// <param name="bounds">Upper bounds of a histogram's buckets, rising; empty for others.</param>
public sealed class MeterSeries(MeterKind kind, string labels, double[] bounds)
{
    // Seconds, as OpenTelemetry advises for durations of requests.
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly Lock _lock = new();
    private readonly long[] _buckets = new long[bounds.Length + 1];
    private double _sum;
    private long _count;

    public MeterKind Kind => kind;

    public string Labels => labels;

    public IReadOnlyList<double> Bounds => bounds;

    internal static MeterSeries For(Instrument instrument, string labels)
    {
        var kind = KindOf(instrument);
        return new MeterSeries(kind, labels, kind == MeterKind.Histogram ? BoundsOf(instrument) : []);
    }

    public void Record(double value)
    {
        lock (_lock)
        {
            switch (kind)
            {
                case MeterKind.Counter or MeterKind.UpDown:
                    _sum += value;
                    break;
                case MeterKind.ObservedCounter or MeterKind.Gauge:
                    _sum = value;
                    break;
                default:
                    var index = Array.FindIndex(bounds, bound => value <= bound);
                    _buckets[index < 0 ? bounds.Length : index]++;
                    _sum += value;
                    _count++;
                    break;
            }
        }
    }

    /// <summary>The sum or the value, the count, and how many measurements lie within each bound and beyond the last.</summary>
    public (double Sum, long Count, long[] Buckets) Read()
    {
        lock (_lock)
        {
            return (_sum, _count, [.. _buckets]);
        }
    }

    private static MeterKind KindOf(Instrument instrument)
    {
        var name = instrument.GetType().Name;
        return name.StartsWith("Histogram", StringComparison.Ordinal) ? MeterKind.Histogram
            : name.StartsWith("Counter", StringComparison.Ordinal) ? MeterKind.Counter
            : name.StartsWith("UpDownCounter", StringComparison.Ordinal) ? MeterKind.UpDown
            : name.StartsWith("ObservableCounter", StringComparison.Ordinal) ? MeterKind.ObservedCounter
            : MeterKind.Gauge;
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised],
        Histogram<float> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised.Select(bound => (double)bound)],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised.Select(bound => (double)bound)],
        _ => DefaultBounds,
    };
}
