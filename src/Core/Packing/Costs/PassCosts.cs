namespace Forge.Core.Packing.Costs;

/// <summary>How much a forward pass computes, counted exactly.</summary>
/// <param name="Tokens">Rows.</param>
/// <param name="Pairs">(query, key) pairs of causal attention per head and layer; a sequence of L rows has L (L + 1) / 2.</param>
/// <param name="Edges">Predictions that the LM head scores.</param>
public readonly record struct PassCosts(long Tokens, long Pairs, long Edges)
{
    /// <summary>Counts a packed batch; rows that other batches compute too count in each.</summary>
    public static PassCosts Of(PackedBatch batch)
        => new(batch.TokenCount, batch.Positions.Sum(position => position + 1L), batch.EdgeRows.Length);

    /// <summary>Counts one plain sequence.</summary>
    public static PassCosts OfSequence(long tokens, long edges) => new(tokens, tokens * (tokens + 1) / 2, edges);

    public static PassCosts operator +(PassCosts left, PassCosts right) => Add(left, right);

    public static PassCosts Add(PassCosts left, PassCosts right)
        => new(left.Tokens + right.Tokens, left.Pairs + right.Pairs, left.Edges + right.Edges);
}
