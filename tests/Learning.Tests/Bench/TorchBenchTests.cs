using Forge.Learning.Bench;

namespace Forge.Learning.Tests.Bench;

[Collection(nameof(AloneInTheProcess))]
public sealed class TorchBenchTests
{
    [Fact]
    [Trait("Tier", "long")]
    public void Memory_over_two_thousand_steps_is_flat()
    {
        var curve = TorchBench.Memory(2000);

        Assert.True(curve.LargestDrift <= 0.05, $"Resident memory drifted by {curve.LargestDrift:P1}: {string.Join(", ", curve.ResidentBytes)}.");
        Assert.True(curve.LiveHandles[^1] <= curve.LiveHandles[0], string.Join(", ", curve.LiveHandles));
    }

    [Fact]
    [Trait("Tier", "long")]
    public void Calls_cost_less_than_a_microsecond_above_direct_ones()
    {
        var rows = TorchBench.Calls();

        Assert.Equal(["add", "mul", "mul", "matmul"], rows.Select(row => row.Operator));
        Assert.All(rows, row => Assert.True(row.OverheadNanoseconds <= 1000, row.ToString()));
    }
}
