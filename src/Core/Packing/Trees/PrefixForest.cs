using System.Collections.Immutable;

namespace Forge.Core.Packing.Trees;

/// <summary>
/// Token sequences merged by their common beginnings: every distinct (prefix, routing) is one row. Rows stand in depth-first
/// preorder, children in order of first appearance.
/// </summary>
/// <remarks>
/// <code>
/// sequences   1 2 3 | 1 2 4 5 | 1 2      TokenIds  1 2 3 4 5      Parents       −1 0 1 1 3
///                                        Positions 0 1 2 2 3      KeyEnd         5 5 3 5 5
///                                        EndRows   2 4 1          Multiplicity   3 3 1 1 1
/// </code>
/// Row q sees row k as a key iff k ≤ q &lt; KeyEnd[k]: exactly its ancestors and itself.
/// </remarks>
public sealed record PrefixForest
{
    /// <summary>[N] Token ids of the rows.</summary>
    public required ImmutableArray<int> TokenIds { get; init; }

    /// <summary>[N] Depth of each row in its tree, from 0: also how many earlier rows it sees.</summary>
    public required ImmutableArray<int> Positions { get; init; }

    /// <summary>[N] The row before each on its path, −1 at a root.</summary>
    public required ImmutableArray<int> Parents { get; init; }

    /// <summary>[N] One past each row's last descendant.</summary>
    public required ImmutableArray<int> KeyEnd { get; init; }

    /// <summary>[N] How many sequences go through each row.</summary>
    public required ImmutableArray<int> Multiplicity { get; init; }

    /// <summary>[N × width] Routing of the rows; empty when the width is 0.</summary>
    public required ImmutableArray<short> Routing { get; init; }

    /// <summary>[T + 1] First row of each tree, then N.</summary>
    public required ImmutableArray<int> TreeStarts { get; init; }

    /// <summary>[number of sequences] The row of each sequence's last token, −1 for an empty one; <see cref="Parents"/> leads back to its first.</summary>
    public required ImmutableArray<int> EndRows { get; init; }

    /// <summary>Whether any row has several children.</summary>
    public required bool HasBranches { get; init; }

    public int RowCount => TokenIds.Length;

    /// <summary>(query, key) pairs of causal attention over the rows.</summary>
    public long AttentionPairs => Positions.Sum(position => position + 1L);

    /// <summary>Merges sequences in time proportional to their total length.</summary>
    /// <param name="sequences">Any number, also empty ones, duplicates and beginnings of others.</param>
    /// <param name="routingWidth">Entries of <see cref="ForestSequence.Routing"/> per token; 0 when no sequence has any.</param>
    public static PrefixForest Merge(IReadOnlyList<ForestSequence> sequences, int routingWidth = 0)
    {
        var strands = new StrandSet(sequences, routingWidth);
        return new ForestLayout(strands).ToForest();
    }

    /// <summary>The rows of a sequence, first token first.</summary>
    public int[] RowsOf(int sequence)
    {
        var row = EndRows[sequence];
        var rows = new int[row < 0 ? 0 : Positions[row] + 1];
        for (var depth = rows.Length - 1; depth >= 0; depth--)
        {
            rows[depth] = row;
            row = Parents[row];
        }

        return rows;
    }

    /// <summary>The rows as nodes, in preorder.</summary>
    public ImmutableArray<ForestNode> Nodes()
    {
        var nodes = ImmutableArray.CreateBuilder<ForestNode>();
        var nodeOfRow = new int[RowCount];
        for (int start = 0, end; start < RowCount; start = end)
        {
            end = start + 1;
            while (end < RowCount && ContinuesNode(end))
            {
                end++;
            }

            nodeOfRow.AsSpan(start, end - start).Fill(nodes.Count);
            nodes.Add(new ForestNode(Parents[start] < 0 ? -1 : nodeOfRow[Parents[start]], start, end, Positions[start], Multiplicity[start]));
        }

        return nodes.ToImmutable();
    }

    // Where a path branches or ends, fewer sequences go on than came.
    private bool ContinuesNode(int row) => Parents[row] == row - 1 && Multiplicity[row] == Multiplicity[row - 1];
}
