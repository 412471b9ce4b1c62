using Forge.DataPool.Hot;
using Forge.Hosting.Local;
using Forge.TestKit;

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
        await using var mirror = new HotMirror(harness.Pool, state, TimeProvider.System);
        await UntilAsync(state, window => window?.Status.Dispatched == 0);

        await redis.Server.StopAsync(CancellationToken.None).DefaultTimeout();
        await harness.FinishAsync(await harness.DispatchAsync());
        Assert.Equal(0, (await harness.TakeAsync()).Id.Value);
        await redis.Server.StartAsync(CancellationToken.None).DefaultTimeout();

        await UntilAsync(state, window => window?.Status is { Dispatched: 1, InFlight: 1, Running: 0 });
    }

    protected override async Task<IHotState> OpenAsync(string run)
        => await RedisHotState.ConnectAsync(redis.Server.ConnectionString, $"{GetType().Name}-{run}", TimeProvider.System).DefaultTimeout();

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
