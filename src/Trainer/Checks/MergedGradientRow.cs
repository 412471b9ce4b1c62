namespace Forge.Trainer.Checks;

/// <summary>Relative errors (Frobenius norm over all parameters) of one seed's gradients against float64, sample by sample.</summary>
/// <param name="Seed">Draws weights and samples.</param>
/// <param name="MergedRows">Rows of the merged samples.</param>
/// <param name="SeparateRows">Rows of the samples apart.</param>
/// <param name="Merged">In low precision, merged.</param>
/// <param name="Separate">In low precision, apart.</param>
/// <param name="ExactMerged">In float64, merged: rounding of float64 alone, if merging is exact.</param>
public sealed record MergedGradientRow(int Seed, int MergedRows, int SeparateRows, double Merged, double Separate, double ExactMerged);
