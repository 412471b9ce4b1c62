namespace Forge.Learning.Bench;

/// <summary>One measured row.</summary>
/// <param name="Tree">The tree's name.</param>
/// <param name="Kernels">What computed it: flash, flash+cudnn, or the reference.</param>
/// <param name="Plan">Which nodes get a rectangle for all their descendants: as planned, always, or never.</param>
/// <param name="Rows">Rows of the tree.</param>
/// <param name="Calls">Kernel calls of one forward pass.</param>
/// <param name="CopiedKeys">Key rows that these calls copy.</param>
/// <param name="ForwardMs">Median of the forward pass.</param>
/// <param name="BothMs">Median of forward and backward pass together.</param>
/// <param name="ForwardTflops">Useful work: 4 operations per visible pair and channel.</param>
/// <param name="BothTflops">The same with 14, the scores of the backward pass counted once more.</param>
public sealed record AttentionBenchRow(
    string Tree, string Kernels, string Plan, int Rows, int Calls, int CopiedKeys,
    double ForwardMs, double BothMs, double ForwardTflops, double BothTflops);
