namespace Forge.Core.Ports;

/// <summary>Takes the figures of one step; names follow docs/metrics.md, such as <c>reward/mean</c>.</summary>
public interface IMetricsSink
{
    /// <summary>Writes all figures of one step at once. Non-finite values are kept as they are.</summary>
    void Write(long step, IReadOnlyDictionary<string, double> values);
}
