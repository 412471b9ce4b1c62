// N rows, H query heads, G key/value heads, K head dim
using System.Collections.Immutable;
using Forge.Learning.Model.Attention.Levels.Planning;
using Forge.Learning.Torch;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention;

/// <summary>
/// Lays prefix trees end to end in depth-first preorder: a row sees its own ancestors and itself, so shared prefixes are rows that
/// stand once (docs/prefix-tree.md).
/// </summary>
/// <remarks>Query q sees key k iff both stand in one tree and k ≤ q &lt; keyEnd[k]; the queries that see a key are one interval.</remarks>
public sealed class PrefixTrees : AttentionLayout
{
    /// <param name="starts">First row of each tree, then the number of rows.</param>
    /// <param name="keyEnd">[N] One past the last row that sees each row as a key.</param>
    /// <exception cref="ArgumentException">The starts do not rise from 0, or an end lies outside its row's tree.</exception>
    public PrefixTrees(ImmutableArray<int> starts, ImmutableArray<int> keyEnd)
    {
        Sequences = new PackedSequences(starts);
        if (keyEnd.Length != Sequences.RowCount)
        {
            throw new ArgumentException($"Got {keyEnd.Length} key ends for {Sequences.RowCount} rows.", nameof(keyEnd));
        }

        for (var tree = 0; tree + 1 < starts.Length; tree++)
        {
            for (var row = starts[tree]; row < starts[tree + 1]; row++)
            {
                if (keyEnd[row] <= row || keyEnd[row] > starts[tree + 1])
                {
                    throw new ArgumentException(
                        $"Row {row} has key end {keyEnd[row]}; it must lie after the row and at most at its tree's end {starts[tree + 1]}.", nameof(keyEnd));
                }
            }
        }

        KeyEnd = keyEnd;
    }

    /// <summary>First row of each tree, then the number of rows.</summary>
    public ImmutableArray<int> Starts => Sequences.Starts;

    /// <summary>[N] One past the last row that sees each row as a key.</summary>
    public ImmutableArray<int> KeyEnd { get; }

    public override int RowCount => Sequences.RowCount;

    private PackedSequences Sequences { get; }

    public override Tensor Attend(int layer, Tensor q_NHK, Tensor k_NGK, Tensor v_NGK, double scale)
    {
        using var scope = NewDisposeScope();
        var end_N = IndexTensor.Of(KeyEnd, q_NHK.device);
        var outputs = new List<Tensor>();
        for (var tree = 0; tree + 1 < Starts.Length; tree++)
        {
            var (start, length) = (Starts[tree], Starts[tree + 1] - Starts[tree]);
            outputs.Add(BlockAttention.Tree(
                q_NHK.narrow(0, start, length), k_NGK.narrow(0, start, length), v_NGK.narrow(0, start, length),
                end_N.narrow(0, start, length).sub(start), 0, scale));
        }

        return (outputs.Count == 1 ? outputs[0] : cat(outputs, 0)).MoveToOuterDisposeScope();
    }

    internal override ForestRows DescribeForest() => new(KeyEnd);
}
