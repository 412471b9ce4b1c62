using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>The rollout engine, as the trainer sees it: takes the next policy.</summary>
public interface IPolicySink
{
    /// <summary>Swaps the weights between two decode steps without draining; returns when the engine decodes with them.</summary>
    Task PublishAsync(PolicyWeights weights, CancellationToken cancellationToken);
}
