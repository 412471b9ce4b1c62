using Forge.Learning.Bench;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Bench;

public sealed class AttentionBenchTests
{
    [Fact]
    public void Run_measures_every_tree_by_every_plan()
    {
        var rows = new AttentionBench { Device = CPU, HeadDim = 4, Reduction = 512, Runs = 1 }
            .Run(TimeProvider.System, TestContext.Current.CancellationToken).ToList();

        Assert.Equal(5 * 3, rows.Count);
        Assert.All(rows, row => Assert.True(row.ForwardMs > 0 && row.BothMs > 0 && row.BothTflops > 0, row.ToString()));
        var chain = rows.Where(row => row.Tree.Contains("chain", StringComparison.Ordinal)).ToDictionary(row => row.Plan);
        Assert.True(chain["planned"].Calls < chain["always"].Calls);
        Assert.Equal((8 + 160 + 159, true), (chain["planned"].Rows, chain["never"].CopiedKeys > chain["always"].CopiedKeys));
    }

    [Fact]
    public void The_agents_tree_has_the_published_size()
    {
        var ends = TreeSketch.Agent(2048, 512, depth: 8, branchingDepth: 5).KeyEnds();

        Assert.Equal(2048 + (512 * (2 + 4 + 8 + 16 + 32 + 32 + 32)), ends.Length);
        Assert.Equal(ends.Length, ends[2047]);
        Assert.Equal(2048 + ((ends.Length - 2048) / 2), ends[2048]);
    }
}
