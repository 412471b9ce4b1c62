namespace Forge.Rollout.Bench;

/// <summary>One measured row.</summary>
/// <param name="Sequences">Requests handed in together.</param>
/// <param name="PromptTokens">Per request.</param>
/// <param name="NewTokens">Per request.</param>
/// <param name="GeneratedTokensPerSecond">Median of the runs, prefill included.</param>
/// <param name="BestTokensPerSecond">The fastest run: what the machine gives when nothing else runs on it.</param>
public sealed record RolloutBenchRow(
    int Sequences,
    int PromptTokens,
    int NewTokens,
    double GeneratedTokensPerSecond,
    double BestTokensPerSecond);
