using System.Diagnostics.Metrics;
using Forge.Hosting.Metering;

namespace Forge.Hosting.Tests.Metering;

public sealed class PrometheusTextTests : IDisposable
{
    private readonly MeterReadings _readings = new();
    private readonly Meter _meter = new("Forge.PrometheusTextTests");

    [Fact]
    public void Counters_rise_and_labels_are_escaped_and_sorted()
    {
        var counter = _meter.CreateCounter<long>("forge.test.calls", description: "Calls.\nAll of them.");

        counter.Add(2, new("zone", "b"), new KeyValuePair<string, object?>("kind", "say \"hi\"\\\n"));
        counter.Add(3, new("kind", "say \"hi\"\\\n"), new KeyValuePair<string, object?>("zone", "b"));

        Assert.Equal(
            """
            # HELP forge_test_calls_total Calls.\nAll of them.
            # TYPE forge_test_calls_total counter
            forge_test_calls_total{kind="say \"hi\"\\\n",zone="b"} 5

            """,
            Text("forge_test_calls"));
    }

    [Fact]
    public void A_histogram_counts_what_lies_at_or_below_each_bound()
    {
        var histogram = _meter.CreateHistogram("forge.test.duration", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });

        foreach (var value in (double[])[0.25, 0.5, 1, 2])
        {
            histogram.Record(value);
        }

        Assert.Equal(
            """
            # TYPE forge_test_duration_seconds histogram
            forge_test_duration_seconds_bucket{le="0.5"} 2
            forge_test_duration_seconds_bucket{le="1"} 3
            forge_test_duration_seconds_bucket{le="+Inf"} 4
            forge_test_duration_seconds_sum 3.75
            forge_test_duration_seconds_count 4

            """,
            Text("forge_test_duration"));
    }

    [Fact]
    public void Gauges_and_sums_that_fall_show_their_last_value()
    {
        _meter.CreateObservableGauge("forge.test.level", () => 7.5);
        _meter.CreateUpDownCounter<int>("forge.test.open").Add(4);
        _meter.CreateObservableCounter("forge.test.seen", () => 9L);

        var text = Text("forge_test");

        Assert.Contains("# TYPE forge_test_level gauge\nforge_test_level 7.5\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE forge_test_open gauge\nforge_test_open 4\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE forge_test_seen_total counter\nforge_test_seen_total 9\n", text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _readings.Dispose();
    }

    // Other tests of the process have meters too.
    private string Text(string prefix)
        => PrometheusText.Of([.. _readings.Collect().Where(family => family.Key.Meter == _meter && family.Key.Name.Replace('.', '_').StartsWith(prefix, StringComparison.Ordinal))]);
}
