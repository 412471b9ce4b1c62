using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>What one evaluation on held-out tasks found.</summary>
/// <param name="Version">The policy that was evaluated.</param>
/// <param name="Overall">All levels together.</param>
/// <param name="ByDifficulty">Each level, by its number.</param>
/// <param name="MeanTurns">Mean number of completions per episode.</param>
/// <param name="Episodes">The episodes themselves, for the mismatch figures and for people.</param>
public sealed record EvaluationReport(
    PolicyVersion Version,
    LevelSuccess Overall,
    ImmutableSortedDictionary<int, LevelSuccess> ByDifficulty,
    double MeanTurns,
    ImmutableArray<Episode> Episodes);
