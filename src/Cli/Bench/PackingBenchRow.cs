namespace Forge.Cli.Bench;

/// <summary>One measured row.</summary>
/// <param name="Samples">What was packed.</param>
/// <param name="Merge">As in <c>trainer.merge</c>.</param>
/// <param name="Budget">Row budget; null is none.</param>
/// <param name="Tokens">Fed tokens of the samples, unmerged.</param>
/// <param name="Rows">Rows of all batches.</param>
/// <param name="Batches">Number of batches.</param>
/// <param name="Chunks">Chunks of all batches.</param>
/// <param name="Seconds">Median of the runs.</param>
/// <param name="AllocatedBytes">Per run.</param>
internal sealed record PackingBenchRow(
    string Samples, string Merge, int? Budget, long Tokens, long Rows, int Batches, int Chunks, double Seconds, long AllocatedBytes)
{
    public double TokensPerSecond => Tokens / Seconds;
}
