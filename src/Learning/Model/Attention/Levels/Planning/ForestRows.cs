using System.Collections.Immutable;

namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>
/// Says which rows see which keys, for any forest in depth-first preorder: query row q sees key row k iff k ≤ q &lt; KeyEnd[k].
/// </summary>
/// <remarks>
/// Rows before <see cref="FirstQuery"/> are keys only: the ancestors of a cut batch's chunk, whose queries were computed before.
/// </remarks>
internal sealed class ForestRows
{
    /// <param name="keyEnd">One past the last row that sees each row as a key.</param>
    /// <param name="firstQuery">Rows from here on are queries.</param>
    /// <exception cref="ArgumentException">There is no query row.</exception>
    public ForestRows(ImmutableArray<int> keyEnd, int firstQuery = 0)
    {
        if (firstQuery < 0 || firstQuery >= keyEnd.Length)
        {
            throw new ArgumentException($"The first query is row {firstQuery} of {keyEnd.Length}; there must be one query at least.", nameof(firstQuery));
        }

        (KeyEnd, FirstQuery) = (keyEnd, firstQuery);
    }

    public ImmutableArray<int> KeyEnd { get; }

    public int FirstQuery { get; }

    public int RowCount => KeyEnd.Length;

    /// <summary>Plain sequences, end to end: trees without branches.</summary>
    /// <param name="starts">Where each sequence begins, then the number of rows.</param>
    public static ForestRows OfSequences(ImmutableArray<int> starts)
    {
        var ends = ImmutableArray.CreateBuilder<int>(starts[^1]);
        for (var sequence = 0; sequence + 1 < starts.Length; sequence++)
        {
            ends.AddRange(Enumerable.Repeat(starts[sequence + 1], starts[sequence + 1] - starts[sequence]));
        }

        return new ForestRows(ends.MoveToImmutable());
    }

    /// <summary>The longest runs of rows that are seen by the same later rows, in preorder.</summary>
    /// <exception cref="ArgumentException">The key ends are not those of a forest.</exception>
    public List<TreeNode> Nodes()
    {
        var nodes = new List<TreeNode>();
        var path = new Stack<int>();
        for (var row = 0; row < RowCount;)
        {
            while (path.TryPeek(out var top) && nodes[top].SubtreeEnd <= row)
            {
                path.Pop();
            }

            var parent = path.TryPeek(out var above) ? above : -1;
            var node = new TreeNode(row, RunEnd(row), KeyEnd[row], parent, parent < 0 ? 0 : nodes[parent].PathRows + nodes[parent].Rows);
            if (node.SubtreeEnd <= row || node.SubtreeEnd > (parent < 0 ? RowCount : nodes[parent].SubtreeEnd))
            {
                throw new ArgumentException($"Row {row} has key end {node.SubtreeEnd}, which no forest in preorder has there.");
            }

            path.Push(nodes.Count);
            nodes.Add(node);
            row = node.End;
        }

        return nodes;
    }

    private int RunEnd(int start)
    {
        var end = start + 1;
        while (end < RowCount && end != FirstQuery && KeyEnd[end] == KeyEnd[start])
        {
            end++;
        }

        return end;
    }
}
