using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>The agent side, as the trainer sees it: measures the newest published policy on held-out tasks.</summary>
public interface IPolicyEvaluator
{
    /// <summary>Plays the same held-out tasks every time, greedily; nothing of it is trained on.</summary>
    Task<EvaluationReport> EvaluateAsync(PolicyVersion version, CancellationToken cancellationToken);
}
