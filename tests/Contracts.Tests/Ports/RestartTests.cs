using Forge.Contracts.Clients;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool;
using Forge.TestKit;
using Forge.TestKit.Ports;

namespace Forge.Contracts.Tests.Ports;

/// <summary>What the two ends of a wire owe each other when one of them starts again.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private readonly CancellationToken _test = TestContext.Current.CancellationToken;
    private readonly TemporaryFolder _folder = new();
    private ServedOnSocket _pool = null!;

    public async ValueTask InitializeAsync() => _pool = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_pool_that_starts_again_does_not_offer_what_the_trainer_holds()
    {
        await using var trainer = new Trainer(this);
        await trainer.Source.RecoverAsync(PolicyVersion.Initial, _test).DefaultTimeout();
        await FinishGroupsAsync(3);
        var held = await trainer.Source.TakeAsync(_test).DefaultTimeout();
        var skipped = await trainer.Source.TakeAsync(_test).DefaultTimeout();

        await RestartAsync();
        await trainer.Source.SkipAsync(skipped.Id, "no variance", _test).DefaultTimeout();
        var next = await trainer.Source.TakeAsync(_test).DefaultTimeout();
        await trainer.Source.AcknowledgeAsync([held.Id, next.Id], new PolicyVersion(1), _test).DefaultTimeout();

        Assert.Equal([0, 1, 2], new[] { held.Id.Value, skipped.Id.Value, next.Id.Value });
        Assert.Equal((3, 0), (trainer.Source.Status.Dispatched, trainer.Source.Status.InFlight));
    }

    [Fact]
    public async Task A_take_under_way_outlasts_a_pool_that_starts_again()
    {
        await using var trainer = new Trainer(this);
        await trainer.Source.RecoverAsync(PolicyVersion.Initial, _test).DefaultTimeout();
        var taking = trainer.Source.TakeAsync(_test);

        await RestartAsync();
        await FinishGroupsAsync(1);

        Assert.Equal(0, (await taking.DefaultTimeout()).Id.Value);
    }

    [Fact]
    public async Task A_trainer_that_was_replaced_gets_nothing_more()
    {
        await using var first = new Trainer(this);
        await using var second = new Trainer(this);
        await first.Source.RecoverAsync(PolicyVersion.Initial, _test).DefaultTimeout();
        await FinishGroupsAsync(2);
        var lost = await first.Source.TakeAsync(_test).DefaultTimeout();

        await second.Source.RecoverAsync(PolicyVersion.Initial, _test).DefaultTimeout();

        var fault = await Assert.ThrowsAsync<ForgeException>(() => first.Source.TakeAsync(_test)).DefaultTimeout();
        Assert.Contains("Another trainer took over", fault.Message, StringComparison.Ordinal);
        Assert.Equal(lost.Id, (await second.Source.TakeAsync(_test).DefaultTimeout()).Id);
    }

    [Fact]
    public async Task A_record_outlasts_a_pool_that_is_away()
    {
        await using var trainer = new Trainer(this);
        var ticket = await DispatchAsync();
        await _pool.DisposeAsync();

        var recording = new GrpcEpisodeSink(trainer.Channel.Invoker, ServedOnSocket.Options, TimeProvider.System)
            .RecordAsync(PoolRecords.Completion(ticket.Episodes[0], 0), _test);
        _pool = await StartAsync();

        Assert.Equal(Receipt.Kept, await recording.DefaultTimeout());
    }

    private async Task RestartAsync()
    {
        await _pool.DisposeAsync();
        _pool = await StartAsync();
    }

    private Task<ServedOnSocket> StartAsync() => ServedOnSocket.StartAsync(
        _folder, builder => builder.Services.AddDataPool(_folder.File("pool.db"), PoolOptions.Conformance), app => app.MapDataPool()).DefaultTimeout();

    private async Task FinishGroupsAsync(int count)
    {
        for (var group = 0; group < count; group++)
        {
            var sink = new GrpcEpisodeSink(_pool.Invoker, ServedOnSocket.Options, TimeProvider.System);
            var episode = (await DispatchAsync()).Episodes[0];
            await sink.RecordAsync(PoolRecords.Completion(episode, 0), _test).DefaultTimeout();
            await sink.FinishAsync(PoolRecords.Result(episode, 1), _test).DefaultTimeout();
        }
    }

    private Task<GroupTicket> DispatchAsync()
        => new GrpcGroupDispatcher(_pool.Invoker, ServedOnSocket.Options, TimeProvider.System).DispatchAsync(PoolRecords.Task, episodes: 1, _test).DefaultTimeout();

    /// <summary>A trainer's own channel, which knows nothing of the pool's lives.</summary>
    private sealed class Trainer : IAsyncDisposable
    {
        public Trainer(RestartTests test)
        {
            Channel = ServedOnSocket.Open(test._folder);
            Source = new GrpcBatchSource(Channel.Invoker, ServedOnSocket.Options, TimeProvider.System);
        }

        public Hosting.Calls.ServiceChannel Channel { get; }

        public GrpcBatchSource Source { get; }

        public ValueTask DisposeAsync()
        {
            Channel.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
