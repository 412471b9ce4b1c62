using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.TestKit.Ports;

/// <summary>What every data pool promises through its three ports, wherever it runs: M = 6, W = 3, B = 2, S = 9.</summary>
public abstract class PoolConformance : IAsyncLifetime
{
    private static readonly WorkerId Worker = new("w1");

    private readonly CancellationToken _test = TestContext.Current.CancellationToken;
    private PoolPorts _pool = null!;
    private GroupId _next;

    public async ValueTask InitializeAsync() => _pool = await OpenAsync().DefaultTimeout();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task Groups_are_numbered_in_dispatch_order_and_keep_their_task()
    {
        var first = await DispatchAsync(episodes: 2);
        var second = await DispatchAsync(episodes: 2, first.Lease.Token);

        Assert.Equal([0, 1], [first.Id.Value, second.Id.Value]);
        Assert.Equal(PoolRecords.Task(second.Id), second.Task);
        Assert.Equal((Worker, true), (second.Lease.Worker, second.Lease.Token > first.Lease.Token));
        Assert.Equal(4, first.Episodes.Concat(second.Episodes).Distinct().Count());
    }

    [Fact]
    public async Task A_task_for_another_index_is_answered_with_the_next_index()
    {
        var reply = await _pool.Dispatcher.DispatchAsync(
            new DispatchRequest(Worker, [], 1, new GroupId(41), PoolRecords.Task(new GroupId(41))), _test).DefaultTimeout();

        Assert.Equal((null, new GroupId(0)), (reply.Ticket, reply.Next));
    }

    [Fact]
    public async Task A_ticket_that_was_lost_on_the_way_comes_again()
    {
        var lost = await DispatchAsync(episodes: 2);

        var again = await DispatchAsync(episodes: 2);

        Assert.Equal((lost.Id, lost.Lease.Token), (again.Id, again.Lease.Token));
    }

    [Fact]
    public async Task A_group_comes_back_exactly_as_it_was_recorded()
    {
        var ticket = await DispatchAsync(episodes: 2);
        await PlayAsync(ticket, turns: 2);

        var group = await _pool.Source.TakeAsync(_test).DefaultTimeout();

        Assert.Equal((ticket.Id, ticket.Task, ticket.DispatchedAt), (group.Id, group.Task, group.DispatchedAt));
        Assert.Equal(ticket.Episodes, group.Episodes.Select(episode => episode.Id));
        foreach (var episode in group.Episodes)
        {
            Assert.Equal(RecordText.Of(PoolRecords.Result(episode.Id, turns: 2)), RecordText.Of(episode.Result));
            Completion[] recorded = [PoolRecords.Completion(episode.Id, 0), PoolRecords.Completion(episode.Id, 1)];
            Assert.Equal(recorded.Select(RecordText.Of), episode.Completions.Select(RecordText.Of));
        }
    }

    [Fact]
    public async Task What_is_handed_in_again_is_a_duplicate_and_what_came_too_late_is_stale()
    {
        var ticket = await DispatchAsync(episodes: 1);
        var (completion, result) = (PoolRecords.Completion(ticket.Episodes[0], 0), PoolRecords.Result(ticket.Episodes[0], 1, EpisodeStatus.InfrastructureFailure));

        Receipt[] receipts =
        [
            await _pool.Sink.RecordAsync(completion, _test).DefaultTimeout(),
            await _pool.Sink.RecordAsync(completion, _test).DefaultTimeout(),
            await _pool.Sink.FinishAsync(result, _test).DefaultTimeout(),
            await _pool.Sink.FinishAsync(result, _test).DefaultTimeout(),
            await _pool.Sink.RecordAsync(PoolRecords.Completion(ticket.Episodes[0], 1), _test).DefaultTimeout(),
        ];

        Assert.Equal([Receipt.Kept, Receipt.Duplicate, Receipt.Kept], receipts[..3]);
        Assert.DoesNotContain(Receipt.Kept, receipts[3..]);
    }

    [Fact]
    public async Task Dispatch_waits_at_the_bound_until_a_group_is_skipped()
    {
        for (var count = 0; count < 6; count++)
        {
            await PlayAsync(await DispatchAsync(episodes: 1), turns: 1);
        }

        var seventh = DispatchAsync(episodes: 1);
        var taken = await _pool.Source.TakeAsync(_test).DefaultTimeout();
        Assert.False(seventh.IsCompleted);
        await _pool.Source.SkipAsync(taken.Id, "no variance", _test).DefaultTimeout();
        await _pool.Source.SkipAsync(taken.Id, "no variance", _test).DefaultTimeout();

        Assert.Equal(6, (await seventh.DefaultTimeout()).Id.Value);
    }

    [Fact]
    public async Task Groups_are_taken_within_the_window_and_the_lowest_first()
    {
        var tickets = new List<GroupTicket>();
        for (var count = 0; count < 5; count++)
        {
            tickets.Add(await DispatchAsync(episodes: 1, [.. tickets.Select(ticket => ticket.Lease.Token)]));
        }

        foreach (var index in (int[])[4, 2, 1])
        {
            await PlayAsync(tickets[index], turns: 1);
        }

        var (first, second) = (await _pool.Source.TakeAsync(_test).DefaultTimeout(), await _pool.Source.TakeAsync(_test).DefaultTimeout());
        var third = _pool.Source.TakeAsync(_test);
        Assert.False(third.IsCompleted);
        await PlayAsync(tickets[0], turns: 1);

        long[] order = [first.Id.Value, second.Id.Value, (await third.DefaultTimeout()).Id.Value];
        Assert.Equal([1, 2, 0], order);
    }

    [Fact]
    public async Task An_abandoned_take_loses_no_group()
    {
        using var abandon = new CancellationTokenSource();
        var ticket = await DispatchAsync(episodes: 1);
        var abandoned = _pool.Source.TakeAsync(abandon.Token);
        await abandon.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned).DefaultTimeout();

        await PlayAsync(ticket, turns: 1);

        Assert.Equal(ticket.Id, (await _pool.Source.TakeAsync(_test).DefaultTimeout()).Id);
    }

    [Fact]
    public async Task A_step_is_acknowledged_once_however_often_it_is_said()
    {
        await PlayAsync(await DispatchAsync(episodes: 1), turns: 1);
        await PlayAsync(await DispatchAsync(episodes: 1), turns: 1);
        GroupId[] groups = [(await _pool.Source.TakeAsync(_test).DefaultTimeout()).Id, (await _pool.Source.TakeAsync(_test).DefaultTimeout()).Id];

        await _pool.Source.AcknowledgeAsync(groups, new PolicyVersion(1), _test).DefaultTimeout();
        await _pool.Source.AcknowledgeAsync(groups, new PolicyVersion(1), _test).DefaultTimeout();

        Assert.Equal((1, 0), (_pool.Source.Staleness.Version, _pool.Source.Status.InFlight));
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => _pool.Source.AcknowledgeAsync([new GroupId(5)], new PolicyVersion(2), _test)).DefaultTimeout();
        Assert.IsType<InvalidOperationException>(fault);
        Assert.Contains("Group 5", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recovery_offers_again_what_came_after_the_checkpoint()
    {
        await PlayAsync(await DispatchAsync(episodes: 1), turns: 1);
        await PlayAsync(await DispatchAsync(episodes: 1), turns: 1);
        var trained = (await _pool.Source.TakeAsync(_test).DefaultTimeout()).Id;
        await _pool.Source.AcknowledgeAsync([trained], new PolicyVersion(1), _test).DefaultTimeout();
        var held = (await _pool.Source.TakeAsync(_test).DefaultTimeout()).Id;

        await _pool.Source.RecoverAsync(PolicyVersion.Initial, _test).DefaultTimeout();

        GroupId[] again = [(await _pool.Source.TakeAsync(_test).DefaultTimeout()).Id, (await _pool.Source.TakeAsync(_test).DefaultTimeout()).Id];
        Assert.Equal([trained, held], again);
    }

    [Fact]
    public async Task A_checkpoint_newer_than_the_pool_is_refused_with_the_reason()
    {
        await DispatchAsync(episodes: 1);

        var fault = await Assert.ThrowsAsync<ForgeException>(() => _pool.Source.RecoverAsync(new PolicyVersion(3), _test)).DefaultTimeout();

        Assert.False(fault.IsTransient);
        Assert.Contains("groups could be trained twice", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leases_are_renewed_and_handed_back()
    {
        var ticket = await DispatchAsync(episodes: 1);

        Assert.Empty(await _pool.Dispatcher.RenewAsync(Worker, [ticket.Lease.Token], _test).DefaultTimeout());
        var lost = await _pool.Dispatcher.RenewAsync(Worker, [99], _test).DefaultTimeout();
        Assert.Equal([99], lost.AsEnumerable());
        await _pool.Dispatcher.ReleaseAsync(Worker, [ticket.Lease.Token], _test).DefaultTimeout();

        Assert.Equal(ticket.Id, (await DispatchAsync(episodes: 1)).Id);
    }

    /// <summary>Opens an empty pool; its trainer has recovered it to version 0.</summary>
    protected abstract Task<PoolPorts> OpenAsync();

    private async Task<GroupTicket> DispatchAsync(int episodes, params ImmutableArray<long> held)
    {
        while (true)
        {
            var request = new DispatchRequest(Worker, held.IsDefault ? [] : held, episodes, _next, PoolRecords.Task(_next));
            var reply = await _pool.Dispatcher.DispatchAsync(request, _test).DefaultTimeout();
            _next = reply.Next;
            if (reply.Ticket is { } ticket)
            {
                return ticket;
            }
        }
    }

    private async Task PlayAsync(GroupTicket ticket, int turns)
    {
        foreach (var episode in ticket.Episodes)
        {
            for (var turn = 0; turn < turns; turn++)
            {
                await _pool.Sink.RecordAsync(PoolRecords.Completion(episode, turn), _test).DefaultTimeout();
            }

            await _pool.Sink.FinishAsync(PoolRecords.Result(episode, turns), _test).DefaultTimeout();
        }
    }
}
