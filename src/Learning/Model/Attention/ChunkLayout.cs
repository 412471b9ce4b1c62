// N rows of the chunk, P rows of earlier chunks, H query heads, G key/value heads, K head dim
using Forge.Learning.Model.Attention.Levels.Planning;
using Forge.Learning.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention;

/// <summary>
/// Lets the rows of one chunk see each other and the path above them, whose keys and values are given, and keeps the keys and values that
/// later chunks see.
/// </summary>
/// <remarks>Serves one forward pass.</remarks>
/// <param name="rows">The chunk.</param>
/// <param name="past">For every layer keys and values of the path above [P, G, K]; empty when the chunk has none.</param>
/// <param name="firstLayer">The layer of the first of them.</param>
internal sealed class ChunkLayout(ChunkRows rows, IReadOnlyList<KeyValues> past, int firstLayer = 0) : AttentionLayout
{
    private readonly SortedDictionary<int, KeyValues> _kept = [];

    public ChunkRows Rows => rows;

    public override int RowCount => rows.Count;

    /// <summary>Keys and values of the path above, or null.</summary>
    public KeyValues? Past(int layer) => past.Count == 0 ? null : past[layer - firstLayer];

    /// <summary>Takes the keys and values of all rows of a layer, and keeps what later chunks see, with its graph.</summary>
    public void Keep(int layer, Tensor keys_NGK, Tensor values_NGK)
    {
        if (rows.Kept.Length == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var kept = IndexTensor.Of([.. rows.Kept], keys_NGK.device);
        KeepSelected(layer, new KeyValues(keys_NGK.index_select(0, kept), values_NGK.index_select(0, kept)));
    }

    /// <summary>Keeps what was selected already.</summary>
    public void KeepSelected(int layer, KeyValues kept)
        => _kept[layer] = new KeyValues(kept.Keys_NGK.DetachFromDisposeScope(), kept.Values_NGK.DetachFromDisposeScope());

    /// <summary>Hands over, for every layer that ran, keys and values of the rows that later chunks see; empty when there are none.</summary>
    /// <param name="owner">Owns them from now on.</param>
    public IReadOnlyList<KeyValues> TakeKept(DisposeScope owner)
    {
        KeyValues[] kept = [.. _kept.Values];
        _kept.Clear();
        owner.Attach(kept.SelectMany(pair => new[] { pair.Keys_NGK, pair.Values_NGK }));
        return kept;
    }

    public override Tensor Attend(int layer, Tensor q_NHK, Tensor k_NGK, Tensor v_NGK, double scale)
    {
        using var scope = NewDisposeScope();
        var all = WithPast(layer, k_NGK, v_NGK);
        var above = rows.PastKeyEnd.Length;
        var end_S = IndexTensor.Of([.. JoinedEnds()], q_NHK.device);
        var outputs = new List<Tensor>();
        for (var tree = 0; tree + 1 < rows.TreeStarts.Length; tree++)
        {
            var (start, end) = (rows.TreeStarts[tree], rows.TreeStarts[tree + 1]);
            var (firstKey, offset) = tree == 0 ? (0, above) : (above + start, 0);
            Tensor Keys(Tensor joined) => joined.narrow(0, firstKey, offset + end - start);
            outputs.Add(BlockAttention.Tree(
                q_NHK.narrow(0, start, end - start), Keys(all.Keys_NGK), Keys(all.Values_NGK), Keys(end_S).sub(firstKey), offset, scale));
        }

        return (outputs.Count == 1 ? outputs[0] : cat(outputs, 0)).MoveToOuterDisposeScope();
    }

    internal override ForestRows DescribeForest() => new([.. JoinedEnds()], rows.PastKeyEnd.Length);

    internal override object PlanKey => rows;

    /// <summary>Keeps what later chunks see, and puts the path above in front.</summary>
    internal override KeyValues WithPast(int layer, Tensor k_NGK, Tensor v_NGK)
    {
        Keep(layer, k_NGK, v_NGK);
        return Past(layer) is { } above
            ? new KeyValues(cat([above.Keys_NGK.to_type(k_NGK.dtype), k_NGK], 0), cat([above.Values_NGK.to_type(v_NGK.dtype), v_NGK], 0))
            : new KeyValues(k_NGK, v_NGK);
    }

    // One past the last row that sees each row, the path above counted first.
    private IEnumerable<int> JoinedEnds() => rows.PastKeyEnd.Concat(rows.KeyEnd).Select(end => end + rows.PastKeyEnd.Length);
}
