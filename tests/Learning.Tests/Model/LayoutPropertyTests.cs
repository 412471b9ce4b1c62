using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using FsCheck;
using FsCheck.Fluent;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model;

public sealed class LayoutPropertyTests : IDisposable
{
    private readonly MiniMaxM2ForCausalLM _model = TinyModel.Create(ScalarType.Float64);

    private static Arbitrary<int[]> Lengths
        => Gen.Choose(1, 4).SelectMany(count => Gen.Choose(1, 11).ArrayOf(count)).ToArbitrary();

    [Fact]
    public void Packing_never_changes_a_sequences_logits()
        => Prop.ForAll(Lengths, lengths =>
        {
            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            int[][] sequences = [.. lengths.Select((length, seed) => TinyModel.Ids(length, seed).ToArray())];

            var packed_NV = _model.Logits(_model.Forward(ModelInput.Pack(sequences, TinyModel.Device)));

            var alone_NV = cat([.. sequences.Select(sequence => TinyModel.Logits(_model, sequence))], 0);
            return TinyModel.MaxDifference(packed_NV, alone_NV) < 1e-12;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30).WithQuietOnSuccess(true));

    [Fact]
    public void Any_cut_of_a_sequence_into_cached_chunks_gives_its_logits()
        => Prop.ForAll(Lengths, chunks =>
        {
            using var scope = NewDisposeScope();
            var ids = TinyModel.Ids(chunks.Sum(), chunks.Length);
            using var cache = new KvCache(_model.Config, _model.Placement, slots: 2, capacity: ids.Length);
            var rows = new List<Tensor>();
            var position = 0;
            foreach (var chunk in chunks)
            {
                var cached = new CachedRows(
                    ids.Slice(position, chunk), [.. Enumerable.Repeat(1, chunk)], [.. Enumerable.Range(position, chunk)]);
                rows.Add(_model.Logits(_model.ForwardCached(cached, cache)));
                position += chunk;
            }

            return TinyModel.MaxDifference(cat(rows, 0), TinyModel.Logits(_model, ids)) < 1e-12;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30).WithQuietOnSuccess(true));

    public void Dispose() => _model.Dispose();
}
