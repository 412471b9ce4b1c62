using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Hot;
using Forge.TestKit;
using StackExchange.Redis;

namespace Forge.DataPool.Tests.Hot;

/// <summary>What a pool that starts again learns from a real Redis about the leases of its life before.</summary>
[Trait("Tier", "integration")]
public sealed class RestoredLeasesTests(RedisHotStateTests.OwnRedis redis) : IClassFixture<RedisHotStateTests.OwnRedis>, IAsyncLifetime
{
    private static readonly WorkerId One = new("w1");
    private static readonly WorkerId Two = new("w2");
    private static readonly DataPoolOptions Options = new()
    {
        InFlight = 6,
        Window = 3,
        GroupsPerBatch = 2,
        MaxStaleness = 9,
        LeaseDuration = TimeSpan.FromSeconds(30),
        GroupDeadline = TimeSpan.FromHours(1),
    };

    private PoolHarness _harness = null!;
    private RedisHotState _state = null!;

    public async ValueTask InitializeAsync()
    {
        _harness = await PoolHarness.StartAsync(Options);
        _state = await RedisHotState.ConnectAsync(redis.Server.ConnectionString, Guid.NewGuid().ToString("N"), TimeProvider.System).DefaultTimeout();
    }

    public async ValueTask DisposeAsync()
    {
        await _state.DisposeAsync();
        await _harness.DisposeAsync();
    }

    [Fact]
    public async Task Ticket_that_had_ended_is_offered_at_once()
    {
        var dead = await TicketAsync(One);
        var alive = await TicketAsync(Two);
        _harness.Time.Advance(TimeSpan.FromSeconds(20));
        await _harness.Pool.RenewAsync(Two, [alive.Lease.Token], CancellationToken.None);
        _harness.Time.Advance(TimeSpan.FromSeconds(11));
        await ShowAsync();

        await _harness.ReopenAsync(await ReadAsync());

        Assert.Equal((dead.Id, "g0-e0-a1"), ((await TicketAsync(Two, alive.Lease.Token)) is var again ? (again.Id, Assert.Single(again.Episodes).Value) : default));
        Assert.Empty(await _harness.Pool.RenewAsync(Two, [alive.Lease.Token], CancellationToken.None));
        await _harness.FinishAsync(alive);
    }

    [Fact]
    public async Task Living_worker_keeps_its_ticket_and_the_time_that_it_had_left()
    {
        var ticket = await TicketAsync(One);
        _harness.Time.Advance(TimeSpan.FromSeconds(10));
        await ShowAsync();
        _harness.Time.Advance(TimeSpan.FromMinutes(5));

        await _harness.ReopenAsync(await ReadAsync());
        _harness.Time.Advance(TimeSpan.FromSeconds(19));
        var before = _harness.Pool.Show().Leases;
        _harness.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal([ticket.Lease.Token], before.Select(lease => lease.Token));
        Assert.Empty(_harness.Pool.Show().Leases);
    }

    [Fact]
    public async Task Ticket_that_was_given_after_the_last_write_is_kept()
    {
        await ShowAsync();
        var ticket = await TicketAsync(One);

        await _harness.ReopenAsync(await ReadAsync());

        Assert.Empty(await _harness.Pool.RenewAsync(One, [ticket.Lease.Token], CancellationToken.None));
    }

    [Fact]
    public async Task Flushed_state_leaves_every_worker_a_whole_lease()
    {
        var ticket = await TicketAsync(One);
        _harness.Time.Advance(TimeSpan.FromSeconds(31));
        await ShowAsync();
        await FlushAsync();

        await _harness.ReopenAsync(await ReadAsync());
        _harness.Time.Advance(TimeSpan.FromSeconds(29));

        Assert.Empty(await _harness.Pool.RenewAsync(One, [ticket.Lease.Token], CancellationToken.None));
    }

    private async Task ShowAsync() => Assert.True(await _state.TryWriteAsync(_harness.Pool.Show(), CancellationToken.None).DefaultTimeout());

    private Task<HotWindow?> ReadAsync() => _state.ReadAsync(CancellationToken.None).DefaultTimeout();

    private async Task FlushAsync()
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Server.ConnectionString).DefaultTimeout();
        await connection.GetDatabase().ExecuteAsync("FLUSHALL").DefaultTimeout();
    }

    private async Task<GroupTicket> TicketAsync(WorkerId worker, params ImmutableArray<long> held)
    {
        for (var next = new GroupId(0); ;)
        {
            var reply = await _harness.Pool.DispatchAsync(
                new DispatchRequest(worker, held, 1, next, SampleData.Task(next.Value)), CancellationToken.None).DefaultTimeout();
            if (reply.Ticket is { } ticket)
            {
                return ticket;
            }

            next = reply.Next;
        }
    }
}
