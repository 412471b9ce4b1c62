using Forge.Cli.Composition;
using Forge.Contracts.Clients;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Gateway;

namespace Forge.Cli.Services;

/// <summary>Passes policies on, and reads the figures of the services right after: once a step, just before the trainer reports it.</summary>
internal sealed class FiguresAtPublish(IPolicySink inner, GrpcServiceFigures services, TimeProvider time) : IPolicySink
{
    /// <summary>The newest reading; zeros, under the names of every run, before the first.</summary>
    public RingFigures Newest { get; private set; } = new(
        0, 0, 0, TimeSpan.Zero, 0, 0, new GatewayStatistics(0, 0, 0, 0, 0, 0, 0, 0).ToMetrics(), time.GetTimestamp());

    public async Task PublishAsync(PolicyWeights weights, CancellationToken cancellationToken)
    {
        await inner.PublishAsync(weights, cancellationToken);
        try
        {
            var (gateway, rollout) = (services.ReadGatewayAsync(cancellationToken), services.ReadRolloutAsync(cancellationToken));
            var (figures, status) = (await gateway, await rollout);
            Newest = new RingFigures(
                status.GeneratedTokens, status.PromptTokens, status.CacheHitTokens, TimeSpan.FromTicks(status.BusyTicks), status.Running,
                status.Waiting, figures, time.GetTimestamp());
        }
        catch (ForgeException fault) when (fault.IsTransient)
        {
            // A step is not held up by its figures: the reading before stays.
        }
    }
}
