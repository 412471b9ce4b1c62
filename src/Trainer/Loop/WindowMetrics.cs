using Forge.Core.Metrics;
using Forge.Core.Ports;

namespace Forge.Trainer.Loop;

/// <summary>Reports the windowed FIFO of one step.</summary>
internal sealed class WindowMetrics(IBatchSource source)
{
    private TimeSpan _blockedBefore;

    public void Write(IDictionary<string, double> metrics)
    {
        var status = source.Status;
        metrics[MetricNames.InFlight] = status.InFlight;
        metrics[MetricNames.QueueDepth] = status.FinishedInWindow + status.FinishedOutside;
        metrics[MetricNames.HeadAge] = status.HeadAge.TotalSeconds;
        metrics[MetricNames.WindowBlocked] = (status.BlockedTime - _blockedBefore).TotalSeconds;
        _blockedBefore = status.BlockedTime;
    }
}
