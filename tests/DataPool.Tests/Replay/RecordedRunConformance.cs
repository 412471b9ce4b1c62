using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.DataPool.Archive;
using Forge.DataPool.Replay;
using Forge.DataPool.Tests.Archive;
using Forge.TestKit;

namespace Forge.DataPool.Tests.Replay;

/// <summary>What a replay promises, wherever the recording is.</summary>
public abstract class RecordedRunConformance(IRecordedLedger ledger) : IAsyncLifetime
{
    private static readonly ReplayLimits Wide = new(int.MaxValue, int.MaxValue);

    private PoolArchive _archive = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await RecordedLedgers.RecordAsync(ledger);
        _archive = await ledger.OpenArchiveAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _archive.DisposeAsync();
        ledger.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Take_offers_what_each_step_trained_in_its_order_and_leaves_the_rest_out()
    {
        var run = await OpenAsync();

        var taken = await TakeAllAsync(run);

        Assert.Equal([[1L, 0L], [4L], [5L]], run.Steps.Select(step => step.Select(group => group.Value).ToArray()));
        Assert.Equal([1L, 0L, 4L, 5L], taken.Select(group => group.Id.Value));
        Assert.Equal("g1-e0", taken[0].Episodes[0].Id.Value);
        Assert.Equal([100, 101, 102], taken[0].Episodes[0].Completions[0].ResponseIds);
        await Assert.ThrowsAsync<InvalidOperationException>(() => run.TakeAsync(Cancel));
    }

    [Fact]
    public async Task Recover_goes_on_after_the_steps_of_a_checkpoint()
    {
        var run = await OpenAsync();
        await run.TakeAsync(Cancel).DefaultTimeout();

        await run.RecoverAsync(new PolicyVersion(1), Cancel).DefaultTimeout();

        Assert.Equal(4, (await run.TakeAsync(Cancel).DefaultTimeout()).Id.Value);
        var error = await Assert.ThrowsAsync<ForgeException>(() => run.RecoverAsync(new PolicyVersion(4), Cancel));
        Assert.Contains("only 3 trained steps", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(102, 100, "vocabulary 102")]
    [InlineData(int.MaxValue, 5, "context 5")]
    public async Task A_recording_of_another_policy_is_refused(int vocabulary, int context, string message)
        => await AssertRefusedAsync(new ReplayLimits(vocabulary, context), new ReplayChoice(), message);

    [Fact]
    public async Task Replay_begins_with_the_step_that_was_asked_for()
    {
        var run = await OpenAsync(new ReplayChoice(From: 2));

        Assert.Equal([4L, 5L], (await TakeAllAsync(run)).Select(group => group.Id.Value));
        await AssertRefusedAsync(Wide, new ReplayChoice(From: 4), "has steps 1 to 3, and no step 4");
        await AssertRefusedAsync(Wide, new ReplayChoice(From: 0), "no step 0");
    }

    [Fact]
    public async Task Pruned_steps_are_refused_and_the_kept_ones_replayed()
    {
        await _archive.DisposeAsync();
        await using (var pruning = await ledger.OpenPruningAsync())
        {
            await pruning.PruneAsync(new PolicyVersion(2), Cancel).DefaultTimeout();
        }

        _archive = await ledger.OpenArchiveAsync();

        await AssertRefusedAsync(Wide, new ReplayChoice(), "--from-step 3");
        await AssertRefusedAsync(Wide, new ReplayChoice(From: 2), "Steps 1 to 2");
        Assert.Equal(5, Assert.Single(await TakeAllAsync(await OpenAsync(new ReplayChoice(From: 3)))).Id.Value);
    }

    [Fact]
    public async Task Rewards_of_another_version_take_the_place_of_the_recorded_ones()
    {
        var rewards = Version(0, 1, 4, 5);

        var taken = await TakeAllAsync(await OpenAsync(new ReplayChoice(Rewards: rewards)));

        Assert.Equal([0.5, -0.5, 3.5, 4.5], taken.Select(group => Assert.Single(group.Episodes[0].Result.Rewards).Outcome));
        Assert.All(taken, group => Assert.Equal((0, 0), (group.Episodes[0].Result.Rewards[0].Process, group.Episodes[0].Result.Rewards[0].Speed)));
    }

    [Fact]
    public async Task Rewards_that_lack_a_trained_group_are_refused()
    {
        await AssertRefusedAsync(Wide, new ReplayChoice(Rewards: Version(0, 1, 4)), "no rewards of group 5");
        Assert.Single(await TakeAllAsync(await OpenAsync(new ReplayChoice(From: 3, Version(5)))));
    }

    [Fact]
    public async Task Rewards_that_do_not_match_the_completions_are_refused()
    {
        var version = new RewardVersion(
            2, new Dictionary<EpisodeId, ImmutableArray<double>> { [new EpisodeId("g5-e0")] = [1, 2] }, new HashSet<GroupId> { new(5) });

        await AssertRefusedAsync(Wide, new ReplayChoice(From: 3, version), "g5-e0 of group 5 has 2 rewards for 1 completions");
    }

    private static RewardVersion Version(params long[] groups) => new(
        2,
        groups.ToDictionary(group => new EpisodeId($"g{group}-e0"), group => ImmutableArray.Create(group - 0.5)),
        groups.Select(group => new GroupId(group)).ToHashSet());

    private static async Task<List<Group>> TakeAllAsync(RecordedRun run)
    {
        var taken = new List<Group>();
        for (var index = 0; index < run.Steps.Sum(step => step.Length); index++)
        {
            taken.Add(await run.TakeAsync(Cancel).DefaultTimeout());
        }

        return taken;
    }

    private Task<RecordedRun> OpenAsync(ReplayChoice? choice = null)
        => RecordedRun.OpenAsync(_archive, Wide, choice ?? new ReplayChoice(), Cancel).DefaultTimeout();

    private async Task AssertRefusedAsync(ReplayLimits limits, ReplayChoice choice, string message)
    {
        var error = await Assert.ThrowsAsync<ForgeException>(() => RecordedRun.OpenAsync(_archive, limits, choice, Cancel).DefaultTimeout());

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
