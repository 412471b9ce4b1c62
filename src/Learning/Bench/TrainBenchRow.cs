namespace Forge.Learning.Bench;

/// <summary>One measured row.</summary>
/// <param name="Batch">Sequences per optimizer step.</param>
/// <param name="Tokens">Per sequence; each is trained on.</param>
/// <param name="TrainedTokensPerS">Median of the steps.</param>
/// <param name="BestTokensPerS">The fastest step: what the machine gives when nothing else runs on it.</param>
public sealed record TrainBenchRow(int Batch, int Tokens, double TrainedTokensPerS, double BestTokensPerS);
