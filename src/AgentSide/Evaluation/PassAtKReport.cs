using System.Collections.Immutable;

namespace Forge.AgentSide.Evaluation;

/// <summary>How often sampling solves tasks, by level.</summary>
/// <param name="Samples">Attempts per task, n.</param>
/// <param name="ByDifficulty">For each level, the mean over its tasks of pass@1, pass@2, pass@4, … up to pass@n.</param>
public sealed record PassAtKReport(int Samples, ImmutableSortedDictionary<int, ImmutableSortedDictionary<int, double>> ByDifficulty);
