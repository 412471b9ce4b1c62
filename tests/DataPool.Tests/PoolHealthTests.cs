using Forge.DataPool.Serving;
using Forge.TestKit;

namespace Forge.DataPool.Tests;

public sealed class PoolHealthTests
{
    private static readonly DataPoolOptions Small = new() { InFlight = 2, Window = 2, GroupsPerBatch = 2, GroupDeadline = TimeSpan.FromHours(1) };

    [Fact]
    public async Task A_stall_is_told_with_who_waits_since_when_and_what_to_do()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var start = harness.Time.GetUtcNow();
        var before = new PoolHealth(harness.Pool, harness.Time).Report().Waits;
        harness.Time.Advance(TimeSpan.FromMinutes(3));

        var wait = Assert.Single(new PoolHealth(harness.Pool, harness.Time).Report().Waits);

        Assert.Empty(before);
        Assert.Equal(("trainer", "the agent side", start), (wait.Who, wait.For, wait.Since));
        Assert.Contains("only 0 of data_pool.in_flight = 2", wait.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_whose_store_answers_is_ready()
    {
        await using var harness = await PoolHarness.StartAsync(Small);
        var check = new PoolHealth(harness.Pool, harness.Time);

        Assert.Null(await check.ReasonAsync(TestContext.Current.CancellationToken).AsTask().DefaultTimeout());
    }
}
