using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.TestKit;

/// <summary>Reports the successes that a test gives, of a hundred tasks each.</summary>
/// <param name="solved">Tasks solved by a version.</param>
public sealed class ScriptedEvaluator(Func<PolicyVersion, int> solved) : IPolicyEvaluator
{
    private readonly List<long> _evaluated = [];

    /// <summary>Versions in the order in which they were evaluated.</summary>
    public IReadOnlyList<long> Evaluated => _evaluated;

    public Task<EvaluationReport> EvaluateAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        _evaluated.Add(version.Value);
        var overall = LevelSuccess.Of(solved(version), 100);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new EvaluationReport(
            version, overall, ImmutableSortedDictionary<int, LevelSuccess>.Empty.Add(1, overall), MeanTurns: 2, Episodes: []));
    }
}
