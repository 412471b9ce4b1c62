using Forge.Rollout.Bench;
using Forge.TestKit;

namespace Forge.Rollout.Tests.Bench;

public sealed class RolloutBenchTests(ITestOutputHelper output)
{
    [Fact]
    public async Task RunAsync_measures_a_row_per_number_of_sequences()
    {
        var bench = new RolloutBench { PromptTokens = 16, NewTokens = 8, Runs = 3 };

        var rows = await bench.RunAsync([1, 3], TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal([1, 3], rows.Select(row => row.Sequences));
        Assert.All(rows, row => Assert.InRange(row.GeneratedTokensPerSecond, 1, row.BestTokensPerSecond));
    }

    [Fact]
    [Trait("Tier", "long")]
    public async Task RunAsync_keeps_its_order_of_magnitude_at_the_reference_shape()
    {
        var rows = await new RolloutBench { Runs = 3 }
            .RunAsync(RolloutBench.ReferenceSequences, TestContext.Current.CancellationToken).ProcessTimeout();

        foreach (var row in rows)
        {
            output.WriteLine($"{row.Sequences}: median {row.GeneratedTokensPerSecond:F0}, best {row.BestTokensPerSecond:F0} tokens/s");
        }

        // Two quiet cores give about 19,000 and 45,000; a busy machine must not fail the build.
        Assert.InRange(rows[0].BestTokensPerSecond, 500, double.MaxValue);
        Assert.InRange(rows[^1].BestTokensPerSecond, 1_500, double.MaxValue);
    }
}
