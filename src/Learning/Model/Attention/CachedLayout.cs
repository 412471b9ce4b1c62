// N rows, H query heads, G key/value heads, K head dim, P slots, S positions, R query heads per key/value head, A
// single rows
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention;

/// <summary>Writes each row's key and value into its slot, then lets it see the slot up to its own position.</summary>
/// <remarks>Its index tensors belong to the dispose scope that it was made in: one forward.</remarks>
internal sealed class CachedLayout : AttentionLayout
{
    private readonly CachedRows _rows;
    private readonly KvCache _cache;
    private readonly Tensor _address_N;
    private readonly Tensor? _single_A;
    private readonly Tensor? _singleSlot_A;
    private readonly Tensor? _hidden_A11S;
    private readonly Tensor? _restore_N;
    private readonly long _span;

    public CachedLayout(CachedRows rows, KvCache cache, Device device)
    {
        (_rows, _cache) = (rows, cache);
        Check(rows, cache);
        var singles = rows.Runs.Where(run => run.Length == 1).Select(run => run.Start).ToArray();
        _address_N = Index(Enumerable.Range(0, rows.Count).Select(Address), device);
        if (singles.Length > 0)
        {
            _span = singles.Max(row => rows.Positions[row]) + 1;
            _single_A = Index(singles.Select(row => (long)row), device);
            _singleSlot_A = Index(singles.Select(row => (long)rows.Slots[row]), device);
            var position_A1 = Index(singles.Select(row => (long)rows.Positions[row]), device).unsqueeze(1);
            var key_1S = arange(_span, dtype: ScalarType.Int64, device: device).unsqueeze(0);
            _hidden_A11S = key_1S.gt(position_A1).unsqueeze(1).unsqueeze(1);
        }

        if (singles.Length > 0 && singles.Length < rows.Count)
        {
            _restore_N = Index(Restoration(singles), device);
        }
    }

    public override int RowCount => _rows.Count;

    public override Tensor Attend(int layer, Tensor q_NHK, Tensor k_NGK, Tensor v_NGK, double scale)
    {
        using var scope = NewDisposeScope();
        var (keys_PSGK, values_PSGK) = (_cache.Keys_PSGK(layer), _cache.Values_PSGK(layer));
        keys_PSGK.flatten(0, 1).index_copy_(0, _address_N, k_NGK);
        values_PSGK.flatten(0, 1).index_copy_(0, _address_N, v_NGK);
        var outputs = new List<Tensor>();
        if (_single_A is not null)
        {
            outputs.Add(AttendSingles(q_NHK, keys_PSGK, values_PSGK, scale));
        }

        foreach (var (start, length) in _rows.Runs.Where(run => run.Length > 1))
        {
            var (slot, first) = (_rows.Slots[start], _rows.Positions[start]);
            outputs.Add(BlockAttention.Causal(
                q_NHK.narrow(0, start, length),
                keys_PSGK.select(0, slot).narrow(0, 0, first + length),
                values_PSGK.select(0, slot).narrow(0, 0, first + length),
                first,
                scale));
        }

        var joined = outputs.Count == 1 ? outputs[0] : cat(outputs, 0);
        return (_restore_N is null ? joined.alias() : joined.index_select(0, _restore_N)).MoveToOuterDisposeScope();
    }

    private static void Check(CachedRows rows, KvCache cache)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            if ((uint)rows.Slots[row] >= (uint)cache.Slots || (uint)rows.Positions[row] >= (uint)cache.Capacity)
            {
                throw new ArgumentException(
                    $"Row {row} is at slot {rows.Slots[row]}, position {rows.Positions[row]}; the cache has {cache.Slots} slots "
                    + $"of {cache.Capacity} positions.",
                    nameof(rows));
            }
        }
    }

    private static Tensor Index(IEnumerable<long> values, Device device)
        => tensor(values.ToArray(), dtype: ScalarType.Int64, device: device);

    private long Address(int row) => (long)_rows.Slots[row] * _cache.Capacity + _rows.Positions[row];

    private Tensor AttendSingles(Tensor q_NHK, Tensor keys_PSGK, Tensor values_PSGK, double scale)
    {
        using var scope = NewDisposeScope();
        var q_AHK = _restore_N is null ? q_NHK : q_NHK.index_select(0, _single_A!);
        var (rows, heads, width) = (q_AHK.shape[0], q_AHK.shape[1], q_AHK.shape[2]);
        var groups = keys_PSGK.shape[2];
        var k_AGKS = keys_PSGK.narrow(1, 0, _span).index_select(0, _singleSlot_A!).permute(0, 2, 3, 1);
        var v_AGSK = values_PSGK.narrow(1, 0, _span).index_select(0, _singleSlot_A!).permute(0, 2, 1, 3);
        var scores_AGRS = q_AHK.view(rows, groups, heads / groups, width).matmul(k_AGKS).mul(scale)
            .masked_fill(_hidden_A11S!, double.NegativeInfinity);
        return BlockAttention.Softmax(scores_AGRS).matmul(v_AGSK).reshape(rows, heads * width).MoveToOuterDisposeScope();
    }

    // Outputs are computed singles first, then runs; entry i says where row i's output stands among them.
    private long[] Restoration(int[] singles)
    {
        var place = new long[_rows.Count];
        var next = 0L;
        foreach (var row in singles)
        {
            place[row] = next++;
        }

        foreach (var (start, length) in _rows.Runs.Where(run => run.Length > 1))
        {
            for (var row = start; row < start + length; row++)
            {
                place[row] = next++;
            }
        }

        return place;
    }
}
