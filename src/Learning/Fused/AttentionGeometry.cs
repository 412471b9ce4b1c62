namespace Forge.Learning.Fused;

/// <summary>Says what an attention block must know beside its tensors.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads; divides the query heads.</param>
/// <param name="HeadDim">Channels per head.</param>
/// <param name="NormEpsilon">Added to mean squares.</param>
/// <param name="TreeStarts">First row of each sequence (or prefix tree), then the number of rows.</param>
internal sealed record AttentionGeometry(int Heads, int KeyValueHeads, int HeadDim, double NormEpsilon, int[] TreeStarts)
{
    /// <summary>For each row, one past the last row that sees it as a key; null for plain sequences.</summary>
    public int[]? KeyEnd { get; init; }

    /// <summary>The same for the rows of the path above the first tree, whose keys and values are given; null without such rows.</summary>
    public int[]? PastKeyEnd { get; init; }

    /// <summary>Whether the block hands out its rows' keys and values.</summary>
    public bool GivesKeys { get; init; }

    /// <summary>Whether a backward pass will follow.</summary>
    public bool IsTracked { get; init; }
}
