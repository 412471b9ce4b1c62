using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Forge.Hosting.Metering;

/// <summary>Adds up what the process's instruments report, so that <c>/metrics</c> can show it at any moment. Safe for use by many threads.</summary>
public sealed class MeterReadings : IDisposable
{
    // A label with unbounded values must not become unbounded memory.
    private const int MostSeries = 10_000;

    private static readonly string[] Prefixes = ["Forge", "Microsoft.AspNetCore", "System.Runtime", "Grpc", "Npgsql", "Polly"];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), MeterSeries> _series = new();

    public MeterReadings()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Prefixes.Any(prefix => instrument.Meter.Name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<byte>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<short>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<float>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((instrument, value, tags, _) => Record(instrument, (double)value, tags));
        _listener.Start();
    }

    /// <summary>Asks the observable instruments, and returns everything by instrument.</summary>
    public IReadOnlyList<IGrouping<Instrument, MeterSeries>> Collect()
    {
        _listener.RecordObservableInstruments();
        return [.. _series.OrderBy(entry => entry.Key.Instrument.Name, StringComparer.Ordinal).ThenBy(entry => entry.Key.Labels, StringComparer.Ordinal)
            .GroupBy(entry => entry.Key.Instrument, entry => entry.Value)];
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (instrument, PrometheusText.Labels(tags));
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= MostSeries)
            {
                return;
            }

            series = _series.GetOrAdd(key, added => MeterSeries.For(added.Instrument, added.Labels));
        }

        series.Record(value);
    }
}
