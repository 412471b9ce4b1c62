using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Checking;
using Forge.DataPool.Pruning;
using Forge.DataPool.Stores;
using Forge.TestKit;

namespace Forge.DataPool.Tests.Archive;

/// <summary>What reading and pruning a run that has ended promises, wherever its ledger is.</summary>
public abstract class PoolArchiveConformance(IRecordedLedger ledger) : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await RecordedLedgers.RecordAsync(ledger, _time);

    public ValueTask DisposeAsync()
    {
        ledger.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task List_says_what_became_of_each_group()
    {
        await using var archive = await ledger.OpenArchiveAsync();

        var groups = await archive.ListAsync(new GroupId(1), 4, Cancel).DefaultTimeout();

        Assert.Equal(["1 trained 1", "2 skipped 1", "3 finished ", "4 trained 2"], groups.Select(group => $"{group.Id} {group.State} {group.Step}"));
        Assert.All(groups, group => Assert.True(group is { Episodes: 1, Completions: 1, Successes: 1, IsWhole: true }));
    }

    [Fact]
    public async Task Batch_of_a_past_step_is_rebuilt_as_it_was()
    {
        await using var archive = await ledger.OpenArchiveAsync();

        var manifest = await archive.ReadBatchAsync(new PolicyVersion(1), Cancel).DefaultTimeout();
        var rebuilt = new List<BatchEntry>();
        foreach (var entry in manifest!.Groups)
        {
            rebuilt.Add(BatchEntry.Of(await archive.ReadGroupAsync(entry.Group, Cancel).DefaultTimeout()));
        }

        Assert.Equal([1L, 0L], manifest.Groups.Select(entry => entry.Group.Value));
        Assert.Equal(manifest.Hash, new BatchManifest(new PolicyVersion(1), [.. rebuilt]).Hash);
        Assert.Null(await archive.ReadBatchAsync(new PolicyVersion(4), Cancel).DefaultTimeout());
    }

    [Fact]
    public async Task Prune_takes_the_tokens_of_old_steps_and_nothing_else()
    {
        var (counted, pruned) = await PruneAsync(2);

        Assert.Equal(counted, pruned);
        Assert.Equal(4, pruned.Completions);
        Assert.Equal(4 * (6 + 6 + 12 + 12 + 32 + 6), pruned.Bytes);
        await using var archive = await ledger.OpenArchiveAsync();
        var groups = await archive.ListAsync(new GroupId(0), 9, Cancel).DefaultTimeout();
        Assert.Equal([true, true, true, false, true, false], groups.Select(group => group.IsPruned));
        Assert.All(groups, group => Assert.True(group is { Completions: 1, Successes: 1 }));
        Assert.Equal(5, (await archive.ReadConsumptionsAsync(Cancel).DefaultTimeout()).Length);
        Assert.Equal(new PolicyVersion(2), await archive.ReadLastPrunedAsync(Cancel).DefaultTimeout());
        var error = await Assert.ThrowsAsync<ForgeException>(() => archive.ReadGroupAsync(new GroupId(0), Cancel).DefaultTimeout());
        Assert.Contains("Group 0 was pruned", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kept_steps_are_rebuilt_and_a_resumed_run_has_all_that_it_takes_again()
    {
        await PruneAsync(2);

        await using var store = await ledger.OpenStoreAsync(_time);
        var entry = Assert.Single((await store.ReadBatchAsync(new PolicyVersion(3), Cancel).DefaultTimeout())!.Groups);
        Assert.Equal(entry, BatchEntry.Of(await store.ReadGroupAsync(entry.Group, Cancel).DefaultTimeout()));
        await store.PutBackAfterAsync(new PolicyVersion(2)).DefaultTimeout();
        var again = await store.LoadAsync(Cancel).DefaultTimeout();
        Assert.Equal([3L, 5L], again.InFlight.Select(group => group.Id.Value));
        foreach (var group in again.InFlight)
        {
            Assert.Equal([100, 101, 102], (await store.ReadGroupAsync(group.Id, Cancel).DefaultTimeout()).Episodes[0].Completions[0].ResponseIds);
        }
    }

    [Fact]
    public async Task History_of_the_run_holds_after_a_prune_as_before()
    {
        HistoryLine[] history =
        [
            .. Enumerable.Range(0, 6).SelectMany(group => new[] { Line(HistoryEvent.Record, $"g{group}-e0/0"), Line(HistoryEvent.Finish, $"g{group}-e0") }),
            Train(1, 1, 0), Train(2, 3), Line(HistoryEvent.Recover, "") with { Version = 1 }, Train(2, 4), Train(3, 5),
        ];
        var before = await CheckAsync(history);

        await PruneAsync(3);
        var after = await CheckAsync(history);

        Assert.True(before.Ok, string.Join("; ", before.Findings));
        Assert.Equal(before.ToJson(), after.ToJson());
    }

    [Fact]
    public async Task Pruned_completion_that_is_sent_again_is_a_duplicate()
    {
        await PruneAsync(1);

        await using var store = await ledger.OpenStoreAsync(_time);

        Assert.Equal(Receipt.Duplicate, await store.AddCompletionAsync(SampleData.Completion(new EpisodeId("g0-e0"), turn: 0)).DefaultTimeout());
    }

    [Fact]
    public async Task Second_prune_finds_nothing_more()
    {
        await PruneAsync(2);

        var (counted, again) = await PruneAsync(2);

        Assert.Equal((0, 0), (counted.Completions, again.Bytes));
    }

    [Theory]
    [InlineData(0.5, 3)]
    [InlineData(1.5, 2)]
    [InlineData(2.5, 1)]
    [InlineData(9, 0)]
    public async Task Age_of_a_step_counts_from_its_acknowledgement(double hours, long last)
    {
        _time.Advance(TimeSpan.FromHours(0.75));
        await using var pruning = await ledger.OpenPruningAsync();

        var found = await pruning.LastStepBeforeAsync(_time.GetUtcNow() - TimeSpan.FromHours(hours)).DefaultTimeout();

        Assert.Equal(last, found.Value);
    }

    [Fact]
    public async Task Run_that_somebody_works_on_or_reads_is_not_pruned()
    {
        await using (await ledger.OpenStoreAsync(_time))
        {
            await Assert.ThrowsAsync<ForgeException>(ledger.OpenPruningAsync);
        }

        await using (await ledger.OpenArchiveAsync())
        {
            await Assert.ThrowsAsync<ForgeException>(ledger.OpenPruningAsync);
        }

        await using (await ledger.OpenPruningAsync())
        {
            await Assert.ThrowsAsync<ForgeException>(ledger.OpenArchiveAsync);
        }
    }

    private async Task<(PruneReport Counted, PruneReport Pruned)> PruneAsync(long last)
    {
        await using var pruning = await ledger.OpenPruningAsync();
        var counted = await pruning.CountAsync(new PolicyVersion(last)).DefaultTimeout();
        return (counted, await pruning.PruneAsync(new PolicyVersion(last), Cancel).DefaultTimeout());
    }

    private static HistoryLine Line(HistoryEvent what, string id) => new() { Event = what, Id = id, IsAcknowledged = true };

    private static HistoryLine Train(long step, params long[] groups)
        => new() { Event = HistoryEvent.Train, Version = step, Groups = [.. groups], IsAcknowledged = true };

    private async Task<HistoryReport> CheckAsync(HistoryLine[] history)
    {
        await using var store = await ledger.OpenStoreAsync(_time);
        return await new HistoryChecker(window: 8).CheckAsync(history, store, Cancel).DefaultTimeout();
    }
}
