using System.Collections.Immutable;
using Forge.Contracts;
using Forge.Contracts.Clients;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool;
using Forge.DataPool.Hot;
using Forge.DataPool.Stores;
using Forge.Hosting.Calls;
using Forge.Hosting.Local;
using Forge.Hosting.Services;
using Forge.TestKit;
using Forge.TestKit.Ports;

namespace Forge.Cli.Tests.Services;

/// <summary>A pool's process is killed (SIGKILL) while workers of other processes hold tickets; a real Redis has the leases, or has forgotten them.</summary>
[Trait("Tier", "long")]
public sealed class KeptLeasesTests : IAsyncLifetime
{
    private static readonly WorkerId Living = new("living");
    private static readonly WorkerId Gone = new("gone");
    private static readonly TimeSpan Renewal = TimeSpan.FromMilliseconds(200);

    private readonly TemporaryFolder _folder = new();
    private readonly LocalRedis _redis;
    private readonly ServiceChannel _channel;
    private readonly GrpcGroupDispatcher _dispatcher;
    private readonly GrpcEpisodeSink _sink;
    private IHotState _hot = null!;

    public KeptLeasesTests()
    {
        var run = Directory.CreateDirectory(_folder.File("run")).FullName;
        File.WriteAllText(Path.Combine(run, "token"), "top\n");
        _redis = new LocalRedis(Path.Combine(run, "redis"), TimeProvider.System);
        _channel = new ServiceChannel(new ServiceChannelParts
        {
            Address = ServiceAddress.Parse("unix:data_pool.sock", run),
            Token = "top",
            Repeatable = new RepeatableMethods(ForgeServices.All),
        });
        _dispatcher = new GrpcGroupDispatcher(_channel.Invoker, WireOptions.Default, TimeProvider.System);
        _sink = new GrpcEpisodeSink(_channel.Invoker, WireOptions.Default, TimeProvider.System);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _redis.StartAsync(Token).ProcessTimeout();
        _hot = await new RedisOptions { Connection = RedisOptions.Local }.ConnectAsync(_folder.File("run"), TimeProvider.System).DefaultTimeout();
    }

    public async ValueTask DisposeAsync()
    {
        await _hot.DisposeAsync();
        await _redis.StopAsync(CancellationToken.None);
        _channel.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Workers_keep_their_tickets_and_nothing_is_lost_or_doubled(bool isFlushed)
    {
        using var first = Serve();
        var kept = await TicketAsync(Living, new GroupId(0));
        var abandoned = await TicketAsync(Gone, new GroupId(1));
        await RecordAsync(kept.Episodes[0], 0, Receipt.Kept);
        using var over = new CancellationTokenSource();
        var renewing = RenewAsync(kept.Lease.Token, over.Token);
        await ShownAsync(window => window.HasEnded(abandoned.Lease.Token));

        await first.KillAsync();
        if (isFlushed)
        {
            await FlushAsync();
        }

        var killed = TimeProvider.System.GetUtcNow();
        using var second = Serve();
        var shown = await ShownAsync(window => window.At > killed);
        await RecordAsync(kept.Episodes[0], 0, Receipt.Duplicate);
        foreach (var episode in kept.Episodes)
        {
            await RecordAsync(episode, 1, Receipt.Kept);
        }

        await ShownAsync(window => window.At > killed && window.HasEnded(abandoned.Lease.Token));
        var again = await TicketAsync(Living, new GroupId(2), kept.Lease.Token);
        await over.CancelAsync();
        var lost = await renewing.DefaultTimeout();

        Assert.Contains(kept.Lease.Token, shown.Leases.Select(lease => lease.Token));
        Assert.Equal(isFlushed, shown.Leases.Any(lease => lease.Token == abandoned.Lease.Token));
        Assert.Empty(lost);
        Assert.Equal(["g1-e0-a1", "g1-e1-a1"], again.Episodes.Select(episode => episode.Value));
        Assert.Equal(Receipt.Stale, await _sink.FinishAsync(PoolRecords.Result(abandoned.Episodes[0], 0), Token).DefaultTimeout());
        await FinishAsync(kept.Episodes[0], 2);
        await RecordAsync(kept.Episodes[1], 0, Receipt.Kept);
        await FinishAsync(kept.Episodes[1], 2);
        await TrainAsync(kept.Id);
        await second.KillAsync();
        await CheckLedgerAsync(kept);
    }

    private ForgeProcess Serve() => ForgeProcess.Start(
        _folder.Path, "serve", "data_pool", "--run-dir", _folder.File("run"), "--set", "data_pool.store=sqlite", "--set", "data_pool.lease_duration=4s");

    private async Task<GroupTicket> TicketAsync(WorkerId worker, GroupId next, params ImmutableArray<long> held)
    {
        var reply = await _dispatcher.DispatchAsync(new DispatchRequest(worker, held, 2, next, PoolRecords.Task(next)), Token).ProcessTimeout();
        return reply.Ticket ?? throw new InvalidOperationException($"{worker} got no ticket at {next}; the pool is at {reply.Next}.");
    }

    // Also while there is no pool, as an agent side does. Returns what the pool said was lost.
    private async Task<List<long>> RenewAsync(long lease, CancellationToken over)
    {
        var lost = new List<long>();
        while (!over.IsCancellationRequested)
        {
            try
            {
                lost.AddRange(await _dispatcher.RenewAsync(Living, [lease], over));
                await Task.Delay(Renewal, over);
            }
            catch (Exception fault) when (fault is OperationCanceledException or InfrastructureFaultException)
            {
            }
        }

        return lost;
    }

    private async Task RecordAsync(EpisodeId episode, int turn, Receipt expected)
        => Assert.Equal(expected, await _sink.RecordAsync(PoolRecords.Completion(episode, turn), Token).ProcessTimeout());

    private async Task FinishAsync(EpisodeId episode, int turns)
        => Assert.Equal(Receipt.Kept, await _sink.FinishAsync(PoolRecords.Result(episode, turns), Token).DefaultTimeout());

    private async Task TrainAsync(GroupId expected)
    {
        var source = new GrpcBatchSource(_channel.Invoker, WireOptions.Default, TimeProvider.System);
        var group = await source.TakeAsync(Token).DefaultTimeout();
        await source.AcknowledgeAsync([group.Id], new PolicyVersion(1), Token).DefaultTimeout();
        Assert.Equal(expected, group.Id);
    }

    private async Task CheckLedgerAsync(GroupTicket kept)
    {
        await using var store = await DataPoolHost.OpenStoreAsync(_folder.File("run/pool.db"), new DataPoolOptions(), TimeProvider.System, Token);
        var group = await store.ReadGroupAsync(kept.Id, Token);
        var line = Assert.Single(await store.ReadConsumptionsAsync(Token));

        Assert.Equal(kept.Episodes, group.Episodes.Select(episode => episode.Id));
        Assert.All(group.Episodes, episode => Assert.Equal([0, 1], episode.Completions.Select(completion => completion.Turn).Order()));
        Assert.Equal((kept.Id, ConsumptionKind.Trained, new PolicyVersion(1)), (line.Group, line.Kind, line.Step));
    }

    private async Task<HotWindow> ShownAsync(Func<HotWindow, bool> reached)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            if (await _hot.ReadAsync(limit.Token) is { } window && reached(window))
            {
                return window;
            }

            await _hot.WaitAsync(TimeSpan.FromMilliseconds(100), limit.Token);
        }
    }

    private async Task FlushAsync()
    {
        Assert.NotNull(await _hot.ReadAsync(Token).DefaultTimeout());
        await _redis.FlushAsync(Token).DefaultTimeout();
        Assert.Null(await _hot.ReadAsync(Token).DefaultTimeout());
    }
}
