using System.Collections.Concurrent;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Contracts.Tests.Evaluators;

/// <summary>An agent side whose evaluations a test scripts.</summary>
internal sealed class ScriptedEvaluation : IPolicyEvaluator
{
    private readonly ConcurrentQueue<long> _asked = new();

    /// <summary>The version, which evaluation it is (from 1), and the token.</summary>
    public Func<PolicyVersion, int, CancellationToken, Task<EvaluationReport>> Answer { get; set; } = (_, _, _) => throw new InvalidOperationException("no script");

    /// <summary>The versions of all evaluations that were played, in order.</summary>
    public IReadOnlyCollection<long> Played => _asked;

    public Task<EvaluationReport> EvaluateAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        _asked.Enqueue(version.Value);
        return Answer(version, _asked.Count, cancellationToken);
    }
}
