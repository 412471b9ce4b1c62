using System.Collections.Immutable;
using Forge.Core.Ports;

namespace Forge.Hosting.Telemetry;

/// <summary>Hands every step's figures to several sinks, in order.</summary>
public sealed class MetricsFanOut(params ImmutableArray<IMetricsSink> sinks) : IMetricsSink
{
    public void Write(long step, IReadOnlyDictionary<string, double> values)
    {
        foreach (var sink in sinks)
        {
            sink.Write(step, values);
        }
    }
}
