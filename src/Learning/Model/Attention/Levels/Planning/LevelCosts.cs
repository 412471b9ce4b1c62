namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>Estimates what the parts of a plan take, forward and backward together, in seconds.</summary>
/// <remarks>
/// Only ratios matter: they decide between copying keys, merging partial outputs and launching calls. Rates are those of one H200 with
/// libtorch 2.11 in bf16 at head width 128, forward and backward: flash 290 to 320 TFLOP/s, cuDNN 500 to 620. Bytes are counted, not
/// measured; <c>forge bench attention --device cuda</c> shows what a plan takes beside the plans that copy or merge everything.
/// </remarks>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads.</param>
/// <param name="HeadDim">Channels per head.</param>
/// <param name="HasDense">Whether a kernel for single dense rectangles (cuDNN) is there beside the segmented one.</param>
internal sealed record LevelCosts(int Heads, int KeyValueHeads, int HeadDim, bool HasDense)
{
    /// <summary>Queries and keys are computed in squares of this many rows.</summary>
    public const int Tile = 128;

    /// <summary>FLOP/s of the segmented kernel on long segments.</summary>
    public double FlashFlops { get; init; } = 310e12;

    /// <summary>FLOP/s of the dense kernel.</summary>
    public double DenseFlops { get; init; } = 580e12;

    /// <summary>What memory-bound tensor operations reach, of 4.6 TB/s.</summary>
    public double BytesPerSecond { get; init; } = 3e12;

    /// <summary>
    /// Some 25 tensor operations from C#, forward and backward: 4 to 9 µs each. They overlap with the device's work only while that is longer.
    /// </summary>
    public double CallSeconds { get; init; } = 100e-6;

    /// <summary>The fewest queries, and the fewest keys, for which the dense kernel is considered.</summary>
    public int LeastDenseRows { get; init; } = 1024;

    // 4 forward and 10 backward: the score matrix is computed a second time there.
    private double PairFlops => 14.0 * HeadDim * Heads;

    /// <summary>A rectangle by the segmented kernel: whole tiles are computed.</summary>
    public double Rectangle(long queries, long keys) => PairFlops * WholeTiles(queries) * WholeTiles(keys) / FlashFlops;

    /// <summary>The same by the dense kernel, with the launch of its own that it needs.</summary>
    public double DenseRectangle(long queries, long keys)
        => HasDense ? CallSeconds + (PairFlops * WholeTiles(queries) * WholeTiles(keys) / DenseFlops) : double.PositiveInfinity;

    /// <summary>Rows that see each other causally, on a tile of queries that is filled by them alone or shared.</summary>
    public double Causal(long rows, bool sharesTiles)
        => PairFlops * (sharesTiles ? rows : WholeTiles(rows)) * rows / 2 / FlashFlops;

    /// <summary>The dense kernel's causal square.</summary>
    public double DenseCausal(long rows) => HasDense ? CallSeconds + (PairFlops * rows * rows / 2 / DenseFlops) : double.PositiveInfinity;

    /// <summary>
    /// Copying keys and values together for a call, forward and backward, adding their gradients back, and the gradients per query head
    /// that the kernel writes before it sums them per key head.
    /// </summary>
    public double Gather(long keys) => keys * (double)HeadDim * ((36 * KeyValueHeads) + (8 * Heads)) / BytesPerSecond;

    /// <summary>
    /// Merging a call's output, and in the backward pass its gradients of the queries, into the sums: 18 + 32 bytes per channel.
    /// </summary>
    public double Merge(long queries) => queries * 50.0 * HeadDim * Heads / BytesPerSecond;

    /// <summary>A call's launches, shared by all rows: the part that falls on some of them.</summary>
    public double Launches(long queries, long rows) => CallSeconds * queries / rows;

    private static long WholeTiles(long rows) => (rows + Tile - 1) / Tile * Tile;
}
