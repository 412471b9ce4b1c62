using Forge.Gateway;
using Forge.Rollout;

namespace Forge.Cli.Composition;

/// <summary>What the sampling half of the ring did since it started, read at one moment.</summary>
/// <param name="GeneratedTokens">Response tokens sampled.</param>
/// <param name="PromptTokens">Prompt tokens of admitted requests.</param>
/// <param name="CacheHitTokens">Those of them that were found in a KV slot.</param>
/// <param name="Busy">The engine's time in steps.</param>
/// <param name="Running">Completions in the batch now.</param>
/// <param name="Waiting">Requests that wait now.</param>
/// <param name="Gateway">The gateway's figures by metric name.</param>
/// <param name="At">When they were read: a timestamp of the run's clock.</param>
internal sealed record RingFigures(
    long GeneratedTokens, long PromptTokens, long CacheHitTokens, TimeSpan Busy, int Running, int Waiting,
    IReadOnlyDictionary<string, double> Gateway, long At)
{
    /// <summary>Of an engine and a gateway in this process.</summary>
    public static RingFigures Of(RolloutEngine engine, ChatGateway gateway, TimeProvider time)
    {
        var status = engine.Status;
        return new RingFigures(
            status.GeneratedTokens, status.PromptTokens, status.CacheHitTokens, status.Busy, status.Running, status.Waiting,
            gateway.Statistics.ToMetrics(), time.GetTimestamp());
    }
}
