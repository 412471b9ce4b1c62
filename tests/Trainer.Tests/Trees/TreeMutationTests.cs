using System.Collections.Immutable;
using Forge.Core.Packing;

namespace Forge.Trainer.Tests.Trees;

/// <summary>The proof of <see cref="TreeProofTests"/> can fail: each rule of the layout, broken at one place, is noticed.</summary>
public sealed class TreeMutationTests
{
    private const double Noticed = 1e-6;

    [Fact]
    public void A_key_that_siblings_see_is_noticed()
        => Notice(batch => batch with { KeyEnd = Change(batch.KeyEnd, row => batch.KeyEnd[row] < TreeEnd(batch, row), end => end + 1) });

    [Fact]
    public void A_key_that_descendants_miss_is_noticed()
        => Notice(batch => batch with { KeyEnd = Change(batch.KeyEnd, row => batch.KeyEnd[row] > row + 1, end => end - 1) });

    [Fact]
    public void An_edge_gathered_for_another_is_noticed()
        => Notice(batch => batch with
        {
            SampleEdges = Change(batch.SampleEdges, _ => true, edge => (edge + 1) % batch.EdgeRows.Length),
        });

    [Fact]
    public void An_edge_scored_at_another_row_is_noticed()
        => Notice(batch => batch with { EdgeRows = Change(batch.EdgeRows, edge => batch.EdgeRows[edge] > 0, row => row - 1) });

    [Fact]
    public void A_row_at_its_flat_position_is_noticed()
        => Notice(batch => batch with { Positions = [.. Enumerable.Range(0, batch.TokenCount)] });

    [Fact]
    public void Rows_counted_once_are_noticed_in_the_expert_loads()
    {
        var (proof, batch) = Create();
        using (proof)
        {
            Assert.Equal(0, proof.LoadError([batch]));
            Assert.True(proof.LoadError([batch with { Multiplicity = [.. batch.Multiplicity.Select(_ => 1)] }]) >= 1);
        }
    }

    private static void Notice(Func<PackedBatch, PackedBatch> mutate)
    {
        var (proof, batch) = Create();
        using (proof)
        {
            Assert.InRange(proof.GradientError([batch]).Error, 0, 1e-12);
            Assert.True(proof.GradientError([mutate(batch)]).Error > Noticed);
        }
    }

    private static (TreeProof Proof, PackedBatch Batch) Create()
    {
        var samples = new RandomForest(2).Samples();
        return (
            new TreeProof(TinyPolicy.Create(), samples, LossCase.Create("cispo")),
            Assert.Single(new TreePacker().Pack(samples, 1_000_000)));
    }

    // The first value that may change.
    private static ImmutableArray<int> Change(ImmutableArray<int> values, Func<int, bool> may, Func<int, int> change)
    {
        var place = Enumerable.Range(0, values.Length).First(may);
        return values.SetItem(place, change(values[place]));
    }

    private static int TreeEnd(PackedBatch batch, int row) => batch.TreeStarts.First(start => start > row);
}
