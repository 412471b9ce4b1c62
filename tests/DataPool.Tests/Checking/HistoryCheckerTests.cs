using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Checking;
using Forge.DataPool.Stores;
using Forge.DataPool.Tests.Simulation;
using Forge.TestKit;

namespace Forge.DataPool.Tests.Checking;

/// <summary>Plants one violation at a time in a store and a history that are otherwise right.</summary>
public sealed class HistoryCheckerTests
{
    private readonly ModelLedger _ledger = new();
    private readonly List<HistoryLine> _history = [];

    [Fact]
    public async Task Right_history_is_ok()
    {
        await RunAsync(groups: 4);

        var report = await CheckAsync();

        Assert.True(report.Ok, string.Join("; ", report.Findings));
        Assert.Equal((2, 1), (report.LastStep, report.Faults));
        Assert.Contains("\"acked_lost\":0", report.ToJson(), StringComparison.Ordinal);
        Assert.Contains("\"ok\":true", report.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_completion_and_lost_result_are_found()
    {
        await RunAsync(groups: 4);
        _history.Add(new HistoryLine { Event = HistoryEvent.Record, Id = "g0-e0/9", IsAcknowledged = true });
        _history.Add(new HistoryLine { Event = HistoryEvent.Finish, Id = "g9-e0", IsAcknowledged = true });

        Assert.Equal(2, (await CheckAsync()).AckedLost);
    }

    [Fact]
    public async Task Unanswered_call_may_or_may_not_have_taken_effect()
    {
        await RunAsync(groups: 4);
        _history.Add(new HistoryLine { Event = HistoryEvent.Record, Id = "g0-e0/9" });

        Assert.True((await CheckAsync()).Ok);
    }

    [Fact]
    public async Task Group_in_two_steps_is_found()
    {
        await RunAsync(groups: 4);
        _history.Add(Train(3, 1, 5));

        Assert.Equal(1, (await CheckAsync()).TrainedTwice);
    }

    [Fact]
    public async Task Step_that_a_lost_checkpoint_voided_is_no_second_training()
    {
        await RunAsync(groups: 4);
        _history.Insert(0, Train(1, 2, 3));
        _history.Insert(1, new HistoryLine { Event = HistoryEvent.Recover, Version = 0, IsAcknowledged = true });

        Assert.True((await CheckAsync()).Ok);
    }

    [Fact]
    public async Task Step_that_the_log_has_otherwise_is_found()
    {
        await RunAsync(groups: 4);
        _history.RemoveAll(line => line is { Event: HistoryEvent.Train, Version: 2 });
        _history.Add(Train(2, 2, 9));

        var report = await CheckAsync();

        Assert.Equal((1, 1), (report.TrainedTwice, report.Skipped));
    }

    [Fact]
    public async Task Result_of_a_replaced_attempt_that_was_kept_is_found()
    {
        await RunAsync(groups: 4);
        _history.Insert(0, new HistoryLine { Event = HistoryEvent.Dispatch, Id = "g0-e0-a1", IsAcknowledged = true });

        Assert.Equal(1, (await CheckAsync()).StaleKept);
    }

    [Fact]
    public async Task Group_taken_beyond_the_window_is_found()
    {
        await RunAsync(groups: 4);
        _ledger.Schedule.RemoveAll(line => line is { Kind: ScheduleEventKind.Taken, Index: 0 });

        Assert.Equal(1, (await CheckAsync()).OrderViolations);
    }

    [Fact]
    public async Task Missing_step_and_missing_group_are_found()
    {
        await RunAsync(groups: 4);
        _ledger.Consume([new Consumption(new GroupId(8), ConsumptionKind.Trained, new PolicyVersion(4), Position: 1, "")]);
        _ledger.AddGroup(new StoredGroup(new GroupId(6), SampleData.Task(6), default, IsFinished: false, [], default));

        var report = await CheckAsync();

        Assert.Equal((2, 2), (report.LogHoles, report.Skipped));
    }

    private static HistoryLine Train(long version, params IEnumerable<long> groups)
        => new() { Event = HistoryEvent.Train, Version = version, Groups = [.. groups], IsAcknowledged = true };

    private static Task Apply(Action write)
    {
        write();
        return Task.CompletedTask;
    }

    private async Task RunAsync(int groups)
    {
        var options = new DataPoolOptions { InFlight = 8, Window = 2, GroupsPerBatch = 2, MaxStaleness = 9 };
        var pool = await DataPool.OpenAsync(new ModelStore(_ledger, Apply), options, TimeProvider.System, CancellationToken.None);
        await using var harness = pool;
        _history.Add(new HistoryLine { Event = HistoryEvent.Fault });
        for (var index = 0; index < groups; index++)
        {
            var ticket = await Core.Ports.GroupDispatching.DispatchAsync(pool, id => SampleData.Task(id.Value), 1, CancellationToken.None).DefaultTimeout();
            var episode = ticket.Episodes[0];
            await pool.RecordAsync(SampleData.Completion(episode, turn: 0), CancellationToken.None).DefaultTimeout();
            await pool.FinishAsync(SampleData.Result(episode, turns: 1), CancellationToken.None).DefaultTimeout();
            await pool.TakeAsync(CancellationToken.None).DefaultTimeout();
            _history.Add(new HistoryLine { Event = HistoryEvent.Dispatch, Id = episode.Value, IsAcknowledged = true });
            _history.Add(new HistoryLine { Event = HistoryEvent.Record, Id = $"{episode}/0", IsAcknowledged = true });
            _history.Add(new HistoryLine { Event = HistoryEvent.Finish, Id = episode.Value, IsAcknowledged = true });
        }

        for (var step = 1; step <= groups / 2; step++)
        {
            GroupId[] batch = [new((2 * step) - 2), new((2 * step) - 1)];
            _history.Add(Train(step, batch.Select(group => group.Value)));
            await pool.AcknowledgeAsync(batch, new PolicyVersion(step), CancellationToken.None).DefaultTimeout();
        }
    }

    private Task<HistoryReport> CheckAsync()
        => new HistoryChecker(window: 2).CheckAsync(_history, new ModelStore(_ledger, Apply), CancellationToken.None);
}
