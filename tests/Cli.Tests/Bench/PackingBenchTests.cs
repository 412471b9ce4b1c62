using Forge.Cli.Bench;

namespace Forge.Cli.Tests.Bench;

public sealed class PackingBenchTests
{
    [Fact]
    public void Run_packs_the_same_samples_with_every_packer()
    {
        var rows = new PackingBench { Tokens = 50_000, Runs = 1 }.Run(TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.All(rows.GroupBy(row => row.Samples), set =>
        {
            Assert.Equal(["tree", "tree", "episode", "none"], set.Select(row => row.Merge));
            Assert.InRange(Assert.Single(set.Select(row => row.Tokens).Distinct()), 50_000, 500_000);
            Assert.Equal(set.Select(row => row.Rows), set.Select(row => row.Rows).Order());
            Assert.Equal(set.First().Tokens, set.Last().Rows);
            Assert.All(set, row => Assert.True(row.Chunks >= row.Batches && row.AllocatedBytes > 0));
        });
    }
}
