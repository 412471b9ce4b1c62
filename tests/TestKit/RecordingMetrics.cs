using Forge.Core.Ports;

namespace Forge.TestKit;

/// <summary>Keeps the figures of every step.</summary>
public sealed class RecordingMetrics : IMetricsSink
{
    private readonly List<(long Step, IReadOnlyDictionary<string, double> Values)> _written = [];

    public IReadOnlyList<(long Step, IReadOnlyDictionary<string, double> Values)> Written => _written;

    public IEnumerable<long> Steps => _written.Select(line => line.Step);

    public void Write(long step, IReadOnlyDictionary<string, double> values) => _written.Add((step, new Dictionary<string, double>(values)));
}
