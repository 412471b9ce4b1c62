using System.Collections.Immutable;
using Forge.Learning.Model.Attention;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model;

public sealed class CachedDecodeTests
{
    [Fact]
    public void ForwardCached_with_prompts_and_decode_rows_mixed_equals_uncached()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.Float64);
        using var cache = new KvCache(model.Config, model.Placement, slots: 3, capacity: 32);
        var (first, second, third) = (TinyModel.Ids(12, 1), TinyModel.Ids(9, 2), TinyModel.Ids(7, 3));
        model.ForwardCached(Rows((first, 2, 0..8), (second, 0, 0..8)), cache);

        var hidden_ND = model.ForwardCached(Rows((third, 1, 0..6), (first, 2, 8..9), (second, 0, 8..9)), cache);
        var later_ND = model.ForwardCached(Rows((first, 2, 9..12), (third, 1, 6..7)), cache);

        var logits_NV = model.Logits(hidden_ND);
        var third_TV = TinyModel.Logits(model, third);
        Assert.True(TinyModel.MaxDifference(logits_NV.narrow(0, 0, 6), third_TV.narrow(0, 0, 6)) < 1e-12);
        Assert.True(TinyModel.MaxDifference(logits_NV[6], TinyModel.Logits(model, first)[8]) < 1e-12);
        Assert.True(TinyModel.MaxDifference(logits_NV[7], TinyModel.Logits(model, second)[8]) < 1e-12);
        Assert.True(TinyModel.MaxDifference(
            model.Logits(later_ND), cat([TinyModel.Logits(model, first).narrow(0, 9, 3), third_TV.narrow(0, 6, 1)], 0)) < 1e-12);
    }

    [Fact]
    public void CopyPrefix_lets_another_sequence_continue_a_shared_prompt()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.Float64);
        using var cache = new KvCache(model.Config, model.Placement, slots: 2, capacity: 16);
        var ids = TinyModel.Ids(10);
        model.ForwardCached(Rows((ids, 0, 0..9)), cache);
        cache.CopyPrefix(source: 0, target: 1, length: 9);

        var hidden_ND = model.ForwardCached(Rows((ids, 1, 9..10)), cache);

        Assert.True(TinyModel.MaxDifference(model.Logits(hidden_ND)[0], TinyModel.Logits(model, ids)[9]) < 1e-12);
    }

    [Fact]
    public void ForwardCached_ignores_what_an_earlier_sequence_left_in_the_slot()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.Float64);
        using var cache = new KvCache(model.Config, model.Placement, slots: 1, capacity: 16);
        model.ForwardCached(Rows((TinyModel.Ids(16, 5), 0, 0..16)), cache);
        var ids = TinyModel.Ids(3, 6);

        model.ForwardCached(Rows((ids, 0, 0..1)), cache);
        var hidden_ND = model.ForwardCached(Rows((ids, 0, 1..2)), cache);

        Assert.True(TinyModel.MaxDifference(model.Logits(hidden_ND)[0], TinyModel.Logits(model, ids)[1]) < 1e-12);
    }

    [Fact]
    public void ForwardCached_refuses_a_row_outside_the_cache()
    {
        using var model = TinyModel.Create();
        using var cache = new KvCache(model.Config, model.Placement, slots: 1, capacity: 4);

        var error = Assert.Throws<ArgumentException>(() => model.ForwardCached(new CachedRows([1], [0], [4]), cache));

        Assert.Contains("1 slots of 4 positions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CachedRows_refuse_a_slot_in_two_runs()
        => Assert.Throws<ArgumentException>(() => new CachedRows([1, 2, 3], [0, 1, 0], [0, 0, 1]));

    private static CachedRows Rows(params (ImmutableArray<int> Ids, int Slot, Range Positions)[] runs)
    {
        var rows = runs.SelectMany(run => Enumerable.Range(0, run.Ids.Length).Take(run.Positions)
            .Select(position => (Id: run.Ids[position], run.Slot, Position: position))).ToList();
        return new CachedRows([.. rows.Select(row => row.Id)], [.. rows.Select(row => row.Slot)], [.. rows.Select(row => row.Position)]);
    }
}
