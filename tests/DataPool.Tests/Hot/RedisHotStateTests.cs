using Forge.DataPool.Hot;
using Forge.Hosting.Local;
using Forge.TestKit;
using StackExchange.Redis;

namespace Forge.DataPool.Tests.Hot;

[Trait("Tier", "integration")]
public sealed class RedisHotStateTests(RedisHotStateTests.OwnRedis redis) : HotStateConformance, IClassFixture<RedisHotStateTests.OwnRedis>
{
    [Fact]
    public async Task Runs_on_one_server_do_not_meet()
    {
        await using var one = await OpenAsync("one");
        await using var other = await OpenAsync("other");

        await one.TryWriteAsync(Window(1), CancellationToken.None).DefaultTimeout();

        Assert.Null(await other.ReadAsync(CancellationToken.None).DefaultTimeout());
    }

    [Fact]
    public async Task Mirror_makes_up_for_a_server_that_was_stopped_and_lost_everything()
    {
        await using var harness = await PoolHarness.StartAsync(new DataPoolOptions { InFlight = 4, Window = 2, GroupsPerBatch = 2 });
        await using var state = await OpenAsync("mirror");
        await using var mirror = new RunningMirror(harness.Pool, state);
        await UntilAsync(state, window => window?.Status.Dispatched == 0);

        await redis.Server.StopAsync(CancellationToken.None).DefaultTimeout();
        await harness.FinishAsync(await harness.DispatchAsync());
        Assert.Equal(0, (await harness.TakeAsync()).Id.Value);
        await redis.Server.StartAsync(CancellationToken.None).DefaultTimeout();

        await UntilAsync(state, window => window?.Status is { Dispatched: 1, InFlight: 1, Running: 0 });
    }

    [Fact]
    public async Task Flushes_under_load_lose_nothing_and_the_window_comes_back()
    {
        await using var harness = await PoolHarness.StartAsync(new DataPoolOptions { InFlight = 4, Window = 2, GroupsPerBatch = 2 });
        await using var state = await OpenAsync("flushed");
        await using var mirror = new RunningMirror(harness.Pool, state);
        using var client = await ConnectionMultiplexer.ConnectAsync(redis.Server.ConnectionString).DefaultTimeout();
        using var over = new CancellationTokenSource();
        var load = TrainAsync(harness, over.Token);

        for (var flush = 0; flush < 10; flush++)
        {
            await client.GetDatabase().ExecuteAsync("FLUSHALL").DefaultTimeout();
            await UntilAsync(state, window => window is not null);
        }

        await over.CancelAsync();
        var steps = await load.DefaultTimeout();

        Assert.NotEmpty(steps);
        Assert.Equal(Enumerable.Range(0, 2 * steps.Count).Select(index => (long)index), steps.SelectMany(step => step));
        await UntilAsync(state, window => window?.Staleness.Version == steps.Count);
    }

    protected override async Task<IHotState> OpenAsync(string run)
        => await RedisHotState.ConnectAsync(redis.Server.ConnectionString, $"{GetType().Name}-{run}", TimeProvider.System).DefaultTimeout();

    // Two groups a step, one after the other, until it is over; returns what each step trained.
    private static async Task<List<long[]>> TrainAsync(PoolHarness harness, CancellationToken over)
    {
        var steps = new List<long[]>();
        while (!over.IsCancellationRequested)
        {
            await harness.FinishAsync(await harness.DispatchAsync());
            await harness.FinishAsync(await harness.DispatchAsync());
            long[] groups = [(await harness.TakeAsync()).Id.Value, (await harness.TakeAsync()).Id.Value];
            steps.Add(groups);
            await harness.AcknowledgeAsync(steps.Count, groups);
        }

        return steps;
    }

    private static async Task UntilAsync(IHotState state, Func<HotWindow?, bool> reached)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!reached(await state.ReadAsync(limit.Token)))
        {
            await state.WaitAsync(TimeSpan.FromMilliseconds(100), limit.Token);
        }
    }

    /// <summary>A server that these tests may stop.</summary>
    public sealed class OwnRedis : IAsyncLifetime
    {
        private readonly RedisServer _server = new();

        public LocalRedis Server => _server.Server;

        public ValueTask InitializeAsync() => _server.InitializeAsync();

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
