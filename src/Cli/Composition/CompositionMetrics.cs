using Forge.Core.Metrics;
using Forge.Core.Ports;
using Forge.Gateway;
using Forge.Rollout;

namespace Forge.Cli.Composition;

/// <summary>
/// Adds to the trainer's figures what only the composition knows: the engine's since the last step, the gateway's since the start, and
/// how full the window is; hands all on.
/// </summary>
internal sealed class CompositionMetrics(RolloutEngine engine, ChatGateway gateway, Func<double> occupancy, TimeProvider time, IMetricsSink next) : IMetricsSink
{
    private RolloutStatus _last = engine.Status;
    private long _at = time.GetTimestamp();

    public void Write(long step, IReadOnlyDictionary<string, double> values)
    {
        var (now, at) = (engine.Status, time.GetTimestamp());
        var seconds = Math.Max(1e-9, time.GetElapsedTime(_at, at).TotalSeconds);
        var prompts = now.PromptTokens - _last.PromptTokens;
        var busy = (now.Busy - _last.Busy).TotalSeconds;
        next.Write(step, new Dictionary<string, double>(values.Concat(gateway.Statistics.ToMetrics()))
        {
            [MetricNames.GeneratedTokensPerSecond] = (now.GeneratedTokens - _last.GeneratedTokens) / seconds,
            [MetricNames.PrefixHitRate] = prompts == 0 ? 0 : (double)(now.CacheHitTokens - _last.CacheHitTokens) / prompts,
            [MetricNames.WindowOccupancy] = occupancy(),
            [MetricNames.RolloutIdle] = Math.Clamp(1 - (busy / seconds), 0, 1),
            [MetricNames.RunningRequests] = now.Running,
            [MetricNames.WaitingRequests] = now.Waiting,
        });
        (_last, _at) = (now, at);
    }
}
