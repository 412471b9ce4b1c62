using Forge.Core.Metrics;
using Forge.Core.Ports;

namespace Forge.Cli.Composition;

/// <summary>
/// Adds to the trainer's figures what only the composition knows: the engine's since the last step, the gateway's since the start, and
/// how full the window is; hands all on.
/// </summary>
/// <param name="figures">Gives the newest reading; the same one again while a service does not answer.</param>
/// <param name="occupancy">Gives the filled fraction of the window.</param>
/// <param name="time">The clock of the readings.</param>
/// <param name="next">Takes all.</param>
internal sealed class CompositionMetrics(Func<RingFigures> figures, Func<double> occupancy, TimeProvider time, IMetricsSink next) : IMetricsSink
{
    private RingFigures _last = figures();

    public void Write(long step, IReadOnlyDictionary<string, double> values)
    {
        var now = figures();
        var seconds = Math.Max(1e-9, time.GetElapsedTime(_last.At, now.At).TotalSeconds);

        // An engine that started again counts from 0.
        var before = now.Busy < _last.Busy ? now with { GeneratedTokens = 0, PromptTokens = 0, CacheHitTokens = 0, Busy = TimeSpan.Zero } : _last;
        var prompts = now.PromptTokens - before.PromptTokens;
        var busy = (now.Busy - before.Busy).TotalSeconds;
        next.Write(step, new Dictionary<string, double>(values.Concat(now.Gateway))
        {
            [MetricNames.GeneratedTokensPerSecond] = (now.GeneratedTokens - before.GeneratedTokens) / seconds,
            [MetricNames.PrefixHitRate] = prompts == 0 ? 0 : (double)(now.CacheHitTokens - before.CacheHitTokens) / prompts,
            [MetricNames.WindowOccupancy] = occupancy(),
            [MetricNames.RolloutIdle] = Math.Clamp(1 - (busy / seconds), 0, 1),
            [MetricNames.RunningRequests] = now.Running,
            [MetricNames.WaitingRequests] = now.Waiting,
        });
        _last = now;
    }
}
