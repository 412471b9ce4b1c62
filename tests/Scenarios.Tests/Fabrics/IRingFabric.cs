using Forge.AgentSide.Dispatch;
using Forge.Core.Ports;
using Forge.Gateway;
using Forge.Scenarios.Tests.Ring;

namespace Forge.Scenarios.Tests.Fabrics;

/// <summary>All of a ring but its trainer: what the trainer calls, the agents, and a witness at the engine.</summary>
internal interface IRingFabric : IAsyncDisposable
{
    IBatchSource Source { get; }

    /// <summary>Sees what the gateway asks of the engine and gets, and what the trainer publishes.</summary>
    WatchedEngine Engine { get; }

    IPolicyEvaluator Evaluator { get; }

    EpisodeScheduler Scheduler { get; }

    /// <summary>The gateway that records, where it runs.</summary>
    ChatGateway TrainingGateway { get; }

    static async Task<IRingFabric> OpenAsync(Fabric fabric, RingSettings settings, CancellationToken cancellationToken) => fabric == Fabric.InProcess
        ? await InProcessFabric.OpenAsync(settings, cancellationToken)
        : await WiredFabric.OpenAsync(settings, cancellationToken);
}
