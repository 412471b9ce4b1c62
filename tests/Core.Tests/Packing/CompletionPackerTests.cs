using Forge.Core.Packing;

namespace Forge.Core.Tests.Packing;

public sealed class CompletionPackerTests : PackerConformance
{
    protected override ISamplePacker Packer { get; } = new CompletionPacker();

    [Fact]
    public void Pack_shares_nothing()
    {
        TrainingSample[] samples = [new(0, [1, 2], [3]), new(0, [1, 2, 3], [4, 5]), new(1, [1, 2], [3])];

        var batch = Assert.Single(Packer.Pack(samples, 100));

        Assert.Equal([1, 2, 1, 2, 3, 4, 1, 2], batch.TokenIds);
        Assert.Equal([0, 2, 6, 8], batch.TreeStarts);
        Assert.Equal([1, 4, 5, 7], batch.EdgeRows);
        Assert.Equal([0, 1, 2, 3], batch.SampleEdges);
        Assert.All(batch.Multiplicity, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Pack_keeps_the_order_of_the_samples()
        => Holds((_, batch) => batch.SampleIndices.SequenceEqual(Enumerable.Range(batch.SampleIndices[0], batch.SampleIndices.Length))
            && batch.SampleIndices.Length == batch.TreeStarts.Length - 1);
}
