using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Stores;
using Forge.TestKit;

namespace Forge.DataPool.Tests;

/// <summary>What every episode store promises, whatever it keeps its rows in.</summary>
public abstract class EpisodeStoreConformance : IAsyncLifetime
{
    private IEpisodeStore _store = null!;

    /// <summary>A half of a surrogate pair can't stand in an attribute.</summary>
    public static TheoryData<string> Texts =>
    [
        "",
        "nul \0 inside",
        "half a pair \ud800, whole \ud83d\ude00",
        "\u2400 and \u24000000 as such",
        "quotes ' \" \\ and {braces} $1; DROP TABLE groups; --",
    ];

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await CleanUpAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Empty_store_starts_at_the_beginning()
    {
        var snapshot = await _store.LoadAsync(CancellationToken.None).DefaultTimeout();

        Assert.Equal(0, snapshot.Dispatched);
        Assert.Equal(PolicyVersion.Initial, snapshot.Version);
        Assert.Empty(snapshot.InFlight);
    }

    [Fact]
    public async Task Group_comes_back_with_everything_in_it()
    {
        var group = await AddGroupAsync(0, episodes: 2);
        foreach (var episode in group.Episodes)
        {
            await FinishAsync(episode.Id, turns: 2);
        }

        var read = await _store.ReadGroupAsync(group.Id, CancellationToken.None).DefaultTimeout();

        Assert.Equal(group.Id, read.Id);
        Assert.Equal(group.Task, read.Task);
        Assert.Equal(group.DispatchedAt, read.DispatchedAt);
        Assert.Equal(group.Episodes.Select(episode => episode.Id), read.Episodes.Select(episode => episode.Id));
        foreach (var episode in read.Episodes)
        {
            var expected = SampleData.Result(episode.Id, turns: 2);
            Assert.Equal(expected with { Rewards = default }, episode.Result with { Rewards = default });
            Assert.Equal(expected.Rewards, episode.Result.Rewards);
            Assert.Equal(
                Enumerable.Range(0, 2).Select(turn => SampleData.Flatten(SampleData.Completion(episode.Id, turn))),
                episode.Completions.Select(SampleData.Flatten));
        }
    }

    [Fact]
    public async Task Group_is_finished_with_the_last_of_its_episodes()
    {
        var group = await AddGroupAsync(0, episodes: 2);

        await FinishAsync(group.Episodes[1].Id, turns: 1);
        var half = Assert.Single((await _store.LoadAsync(CancellationToken.None)).InFlight);
        await FinishAsync(group.Episodes[0].Id, turns: 1);
        var whole = Assert.Single((await _store.LoadAsync(CancellationToken.None)).InFlight);

        Assert.False(half.IsFinished);
        Assert.Equal([false, true], half.Episodes.Select(episode => episode.IsFinished));
        Assert.True(whole.IsFinished);
    }

    [Fact]
    public async Task Completion_is_kept_once_and_only_for_a_known_episode()
    {
        var group = await AddGroupAsync(0, episodes: 1);
        var completion = SampleData.Completion(group.Episodes[0].Id, turn: 0);
        await _store.AddCompletionAsync(completion);

        var again = await _store.AddCompletionAsync(completion).DefaultTimeout();
        var other = await Assert.ThrowsAsync<ForgeException>(
            () => _store.AddCompletionAsync(completion with { ResponseIds = [4, 4, 4] }).DefaultTimeout());
        await Assert.ThrowsAsync<ForgeException>(
            () => _store.AddCompletionAsync(SampleData.Completion(new EpisodeId("g9-e9"), turn: 0)).DefaultTimeout());

        Assert.Equal(Receipt.Duplicate, again);
        Assert.Contains(completion.Id.Value, other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_fault_does_not_fail_its_neighbours()
    {
        var group = await AddGroupAsync(0, episodes: 1);
        var writes = Enumerable.Range(0, 40).Select(turn => _store.AddCompletionAsync(
            SampleData.Completion(turn % 4 == 3 ? new EpisodeId("nobody") : group.Episodes[0].Id, turn))).ToList();

        await Task.WhenAll(writes).ContinueWith(_ => { }, TaskScheduler.Default).DefaultTimeout();

        Assert.Equal(Enumerable.Range(0, 40).Select(turn => turn % 4 == 3), writes.Select(write => write.IsFaulted));
    }

    [Fact]
    public async Task Result_needs_a_reward_for_every_completion()
    {
        var group = await AddGroupAsync(0, episodes: 2);
        await _store.AddCompletionAsync(SampleData.Completion(group.Episodes[0].Id, turn: 0));

        var error = await Assert.ThrowsAsync<ForgeException>(
            () => _store.AddResultAsync(SampleData.Result(group.Episodes[0].Id, turns: 2)).DefaultTimeout());
        await _store.AddResultAsync(SampleData.Result(group.Episodes[0].Id, turns: 0, EpisodeStatus.InfrastructureFailure));
        await FinishAsync(group.Episodes[1].Id, turns: 1);
        var read = await _store.ReadGroupAsync(group.Id, CancellationToken.None);

        Assert.Contains("1 completions but 2 rewards", error.Message, StringComparison.Ordinal);
        Assert.Equal(default, Assert.Single(read.Episodes[0].Result.Rewards));
    }

    [Fact]
    public async Task Result_is_posted_once()
    {
        var group = await AddGroupAsync(0, episodes: 1);
        await FinishAsync(group.Episodes[0].Id, turns: 1);

        var again = await _store.AddResultAsync(SampleData.Result(group.Episodes[0].Id, turns: 1)).DefaultTimeout();
        await Assert.ThrowsAsync<ForgeException>(
            () => _store.AddResultAsync(SampleData.Result(group.Episodes[0].Id, turns: 1, EpisodeStatus.LimitReached)).DefaultTimeout());

        Assert.Equal(Receipt.Duplicate, again);
        Assert.Equal(Receipt.Stale, await _store.AddCompletionAsync(SampleData.Completion(group.Episodes[0].Id, turn: 1)).DefaultTimeout());
    }

    [Fact]
    public async Task Group_is_consumed_at_most_once_and_a_step_whole_or_not_at_all()
    {
        await AddFinishedAsync(0);
        await AddFinishedAsync(1);
        await _store.ConsumeAsync([Trained(0, step: 1)]);

        var error = await Assert.ThrowsAsync<ForgeException>(
            () => _store.ConsumeAsync([Trained(1, step: 2), Trained(0, step: 2)]).DefaultTimeout());

        Assert.Contains("Group 0 was consumed before", error.Message, StringComparison.Ordinal);
        Assert.Equal([Trained(0, step: 1)], await _store.ReadConsumptionsAsync(CancellationToken.None));
        Assert.Equal(new GroupId(1), Assert.Single((await _store.LoadAsync(CancellationToken.None)).InFlight).Id);
    }

    [Fact]
    public async Task Putting_back_undoes_later_steps_but_not_failures()
    {
        for (var index = 0; index < 5; index++)
        {
            await AddFinishedAsync(index);
        }

        var skipped = new Consumption(new GroupId(3), ConsumptionKind.Skipped, new PolicyVersion(3), Position: 0, "no variance");
        var failed = new Consumption(new GroupId(4), ConsumptionKind.Failed, new PolicyVersion(3), Position: 0, "late");
        await _store.ConsumeAsync([Trained(0, step: 1)]);
        await _store.ConsumeAsync([Trained(1, step: 2)]);
        await _store.ConsumeAsync([skipped]);
        await _store.ConsumeAsync([failed]);

        var putBack = await _store.PutBackAfterAsync(new PolicyVersion(1)).DefaultTimeout();

        Assert.Equal([new GroupId(1), new GroupId(3)], putBack.Select(group => group.Id));
        Assert.All(putBack, group => Assert.True(group.IsFinished));
        Assert.Equal([Trained(0, step: 1), failed], await _store.ReadConsumptionsAsync(CancellationToken.None));
        Assert.Equal(new PolicyVersion(1), (await _store.LoadAsync(CancellationToken.None)).Version);
        await _store.ConsumeAsync([Trained(1, step: 2)]);
        Assert.Equal(1, (await _store.LoadAsync(CancellationToken.None)).Expired);
    }

    [Fact]
    public async Task Put_back_names_what_it_undid_and_nothing_that_is_dispatched_meanwhile()
    {
        await AddFinishedAsync(0);
        await _store.ConsumeAsync([Trained(0, step: 1)]);
        var dispatching = Task.WhenAll(Enumerable.Range(1, 40).Select(index => AddGroupAsync(index, episodes: 1)));

        var putBack = await _store.PutBackAfterAsync(PolicyVersion.Initial).DefaultTimeout();
        var again = await _store.PutBackAfterAsync(PolicyVersion.Initial).DefaultTimeout();
        await dispatching.DefaultTimeout();

        Assert.Equal([new GroupId(0)], putBack.Select(group => group.Id));
        Assert.Empty(again);
    }

    [Fact]
    public async Task Group_that_was_given_up_without_a_record_is_named_until_there_is_one()
    {
        foreach (var index in Enumerable.Range(0, 3))
        {
            await AddGroupAsync(index, episodes: 1);
            _store.Log(new ScheduleEvent(ScheduleEventKind.Dispatched, index, 0));
        }

        await _store.GiveUpAsync(new DeadLetter(new GroupId(1), new EpisodeId("g1-e0"), 3, FailureKind.Environment, "broken", new PolicyVersion(1)), broken: null);
        await _store.ConsumeAsync([new Consumption(new GroupId(2), ConsumptionKind.Failed, new PolicyVersion(1), Position: 0, "too late")]);
        var before = await _store.LoadAsync(CancellationToken.None);
        _store.Log(new ScheduleEvent(ScheduleEventKind.GivenUp, 1, 0));
        _store.Log(new ScheduleEvent(ScheduleEventKind.Expired, 2, 0));
        await AddGroupAsync(3, episodes: 1);

        Assert.Equal([new GroupId(1), new GroupId(2)], before.GivenUpUnrecorded);
        Assert.Empty((await _store.LoadAsync(CancellationToken.None)).GivenUpUnrecorded);
    }

    [Fact]
    public async Task New_attempt_takes_the_place_of_the_lost_one()
    {
        var group = await AddGroupAsync(0, episodes: 2);
        await _store.AddCompletionAsync(SampleData.Completion(group.Episodes[0].Id, turn: 0));
        await FinishAsync(group.Episodes[1].Id, turns: 1);
        var attempt = group.Episodes[0].NextAttempt(group.Id);

        await _store.AddAttemptsAsync(group.Id, [attempt]);
        await FinishAsync(attempt.Id, turns: 2);
        var read = await _store.ReadGroupAsync(group.Id, CancellationToken.None);

        Assert.Equal([attempt.Id, group.Episodes[1].Id], read.Episodes.Select(episode => episode.Id));
        Assert.Equal(2, read.Episodes[0].Completions.Length);
    }

    [Fact]
    public async Task Records_of_a_replaced_attempt_are_refused()
    {
        var group = await AddGroupAsync(0, episodes: 1);
        var lost = group.Episodes[0];
        await _store.AddCompletionAsync(SampleData.Completion(lost.Id, turn: 0));
        var next = lost.NextAttempt(group.Id) with { Lease = new GroupLease(7, new WorkerId("w2")), Failures = 1 };

        var given = await _store.AddAttemptsAsync(group.Id, [next]).DefaultTimeout();

        Assert.Equal([next], given);
        Assert.Equal(Receipt.Duplicate, await _store.AddCompletionAsync(SampleData.Completion(lost.Id, turn: 0)).DefaultTimeout());
        Assert.Equal(Receipt.Stale, await _store.AddCompletionAsync(SampleData.Completion(lost.Id, turn: 1)).DefaultTimeout());
        Assert.Equal(Receipt.Stale, await _store.AddResultAsync(SampleData.Result(lost.Id, turns: 1)).DefaultTimeout());
        var snapshot = await _store.LoadAsync(CancellationToken.None).DefaultTimeout();
        Assert.Equal([next], Assert.Single(snapshot.InFlight).Episodes);
        Assert.Equal(7, snapshot.LastLease);
    }

    [Fact]
    public async Task Result_that_came_first_keeps_its_place()
    {
        var group = await AddGroupAsync(0, episodes: 2);
        await FinishAsync(group.Episodes[0].Id, turns: 1);
        var lease = new GroupLease(2, new WorkerId("w2"));

        var given = await _store.AddAttemptsAsync(
            group.Id, [.. group.Episodes.Select(episode => episode.NextAttempt(group.Id) with { Lease = lease })]).DefaultTimeout();

        Assert.Equal([1], given.Select(attempt => attempt.IndexInGroup));
        await FinishAsync(given[0].Id, turns: 1);
        var read = await _store.ReadGroupAsync(group.Id, CancellationToken.None).DefaultTimeout();
        Assert.Equal([group.Episodes[0].Id, given[0].Id], read.Episodes.Select(episode => episode.Id));
    }

    [Fact]
    public async Task Attempt_that_nobody_plays_is_given_to_a_lease_as_it_is()
    {
        var group = await AddGroupAsync(0, episodes: 1);
        var broken = SampleData.Result(group.Episodes[0].Id, turns: 0, EpisodeStatus.EnvironmentFailure);
        var next = group.Episodes[0].NextAttempt(group.Id) with { Failures = 1 };

        Assert.Equal(Receipt.Kept, await _store.AddRetryAsync(broken, next).DefaultTimeout());
        Assert.Equal(Receipt.Duplicate, await _store.AddRetryAsync(broken, next).DefaultTimeout());
        Assert.Equal([next], Assert.Single((await _store.LoadAsync(CancellationToken.None)).InFlight).Episodes);
        var leased = next with { Lease = new GroupLease(3, new WorkerId("w2")) };

        Assert.Equal([leased], await _store.AddAttemptsAsync(group.Id, [leased]).DefaultTimeout());
        Assert.Equal([leased], Assert.Single((await _store.LoadAsync(CancellationToken.None)).InFlight).Episodes);
    }

    [Fact]
    public async Task Group_is_given_up_once_with_its_reason()
    {
        var group = await AddGroupAsync(0, episodes: 2);
        var broken = SampleData.Result(group.Episodes[0].Id, turns: 0, EpisodeStatus.InfrastructureFailure);
        var letter = new DeadLetter(group.Id, broken.Episode, 3, FailureKind.Infrastructure, "gateway_error: away", new PolicyVersion(1));

        var first = await _store.GiveUpAsync(letter, broken).DefaultTimeout();
        var again = await _store.GiveUpAsync(letter with { Episode = group.Episodes[1].Id }, broken: null).DefaultTimeout();

        Assert.Equal((Receipt.Kept, Receipt.Stale), (first, again));
        Assert.Equal([letter], await _store.ReadDeadLettersAsync(CancellationToken.None));
        Assert.Equal([letter.ToConsumption()], await _store.ReadConsumptionsAsync(CancellationToken.None));
        var snapshot = await _store.LoadAsync(CancellationToken.None).DefaultTimeout();
        Assert.Empty(snapshot.InFlight);
        Assert.Equal((1, 1), (snapshot.DeadLetters, snapshot.Expired));
        Assert.Equal(Receipt.Stale, await _store.AddCompletionAsync(SampleData.Completion(group.Episodes[1].Id, turn: 0)).DefaultTimeout());
    }

    [Fact]
    public async Task What_is_missing_is_found()
    {
        var group = await AddGroupAsync(0, episodes: 2);
        await FinishAsync(group.Episodes[0].Id, turns: 1);
        var (kept, never) = (SampleData.Completion(group.Episodes[0].Id, turn: 0).Id, new CompletionId("never"));

        Assert.Equal([never], await _store.FindMissingAsync([kept, never], CancellationToken.None).DefaultTimeout());
        Assert.Equal(
            [group.Episodes[1].Id],
            await _store.FindUnfinishedAsync([.. group.Episodes.Select(episode => episode.Id)], CancellationToken.None).DefaultTimeout());
    }

    [Fact]
    public async Task Everything_survives_closing_and_opening()
    {
        await AddFinishedAsync(0);
        await AddFinishedAsync(1);
        await AddGroupAsync(2, episodes: 3);
        _store.Log(new ScheduleEvent(ScheduleEventKind.Dispatched, 0, 0));
        _store.Log(new ScheduleEvent(ScheduleEventKind.Finished, 0, 0));
        await _store.ConsumeAsync([Trained(0, step: 1)]);

        await _store.DisposeAsync();
        _store = await OpenAsync();
        var snapshot = await _store.LoadAsync(CancellationToken.None).DefaultTimeout();

        Assert.Equal(3, snapshot.Dispatched);
        Assert.Equal(new PolicyVersion(1), snapshot.Version);
        Assert.Equal([true, false], snapshot.InFlight.Select(group => group.IsFinished));
        Assert.Equal([1, 3], snapshot.InFlight.Select(group => group.Episodes.Length));
        Assert.Equal(2, (await _store.ReadScheduleAsync(CancellationToken.None)).Length);
        Assert.Equal("Lyon", (await _store.ReadGroupAsync(new GroupId(1), CancellationToken.None)).Episodes[0].Result.Detail);
    }

    [Fact]
    public async Task Batch_is_written_with_its_consumption_or_not_at_all()
    {
        await AddFinishedAsync(0);
        await AddFinishedAsync(1);
        await AddFinishedAsync(2);
        var first = await BatchAsync(step: 1, groups: [1, 0]);
        await _store.TrainAsync(first).DefaultTimeout();

        await Assert.ThrowsAsync<ForgeException>(async () => await _store.TrainAsync(await BatchAsync(step: 2, groups: [2, 1])).DefaultTimeout());
        await Assert.ThrowsAsync<ForgeException>(async () => await _store.TrainAsync(await BatchAsync(step: 1, groups: [2])).DefaultTimeout());
        var read = await _store.ReadBatchAsync(new PolicyVersion(1), CancellationToken.None).DefaultTimeout();

        Assert.Equal(first.Hash, read?.Hash);
        Assert.Equal(first.Groups, read?.Groups);
        Assert.Equal([new GroupId(1), new GroupId(0)], await _store.ReadStepAsync(new PolicyVersion(1), CancellationToken.None));
        Assert.Null(await _store.ReadBatchAsync(new PolicyVersion(2), CancellationToken.None));
        Assert.Equal(new GroupId(2), Assert.Single((await _store.LoadAsync(CancellationToken.None)).InFlight).Id);
    }

    [Fact]
    public async Task Batch_that_was_put_back_is_trained_again_under_the_same_step()
    {
        await AddFinishedAsync(0);
        await AddFinishedAsync(1);
        await _store.TrainAsync(await BatchAsync(step: 1, groups: [0]));
        await _store.TrainAsync(await BatchAsync(step: 2, groups: [1]));

        await _store.PutBackAfterAsync(new PolicyVersion(1)).DefaultTimeout();
        var undone = await _store.ReadBatchAsync(new PolicyVersion(2), CancellationToken.None);
        await _store.TrainAsync(await BatchAsync(step: 2, groups: [1])).DefaultTimeout();

        Assert.Null(undone);
        Assert.NotNull(await _store.ReadBatchAsync(new PolicyVersion(2), CancellationToken.None));
        Assert.Equal([Trained(0, step: 1), Trained(1, step: 2)], await _store.ReadConsumptionsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Rebuilt_batch_has_the_hash_of_its_manifest()
    {
        await AddFinishedAsync(0);
        var batch = await BatchAsync(step: 1, groups: [0]);
        await _store.TrainAsync(batch);

        await _store.DisposeAsync();
        _store = await OpenAsync();

        Assert.Equal(batch.Hash, (await BatchAsync(step: 1, groups: [0])).Hash);
        Assert.NotEqual(batch.Hash, (await BatchAsync(step: 2, groups: [0])).Hash);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Text_of_any_kind_comes_back(string text)
    {
        var group = await AddGroupAsync(0, episodes: 1, new TaskReference(new TaskId($"task {text}"), text, TaskSplit.Train, 1, 2));
        var episode = group.Episodes[0].Id;
        await _store.AddCompletionAsync(SampleData.Completion(episode, 0) with { Id = new CompletionId($"id {text}") }).DefaultTimeout();
        await _store.AddResultAsync(SampleData.Result(episode, 1) with { Detail = text, EndCause = text }).DefaultTimeout();
        await _store.ConsumeAsync([new Consumption(group.Id, ConsumptionKind.Skipped, new PolicyVersion(1), 0, text)]).DefaultTimeout();

        var read = await _store.ReadGroupAsync(group.Id, CancellationToken.None).DefaultTimeout();

        Assert.Equal(group.Task, read.Task);
        Assert.Equal($"id {text}", read.Episodes[0].Completions[0].Id.Value);
        Assert.Equal((text, text), (read.Episodes[0].Result.Detail, read.Episodes[0].Result.EndCause));
        Assert.Equal(text, Assert.Single(await _store.ReadConsumptionsAsync(CancellationToken.None)).Reason);
    }

    [Fact]
    public async Task Numbers_of_any_kind_come_back()
    {
        var group = await AddGroupAsync(0, episodes: 1);
        var episode = group.Episodes[0].Id;
        var completion = SampleData.Completion(episode, 0) with
        {
            PromptIds = [int.MinValue, -1, 0, 65_535, 65_536, int.MaxValue],
            PolicyLogProbs = [float.NaN, float.NegativeInfinity, -0f],
            BehaviorLogProbs = [float.NaN, float.PositiveInfinity, float.Epsilon],
            TokenVersions = [long.MinValue, 0, long.MaxValue],
            OldestKvVersion = new PolicyVersion(long.MaxValue),
            Sampling = new SamplingParameters { Temperature = double.NaN, TopP = double.MaxValue, TopK = -1, Seed = ulong.MaxValue, StopTokenIds = [-5, 0] },
        };
        var rewards = new StepReward(double.NaN, double.NegativeInfinity, double.Epsilon);
        await _store.AddCompletionAsync(completion).DefaultTimeout();
        await _store.AddCompletionAsync(completion).DefaultTimeout();
        await _store.AddResultAsync(SampleData.Result(episode, 1) with { Rewards = [rewards] }).DefaultTimeout();

        var read = (await _store.ReadGroupAsync(group.Id, CancellationToken.None).DefaultTimeout()).Episodes[0];

        Assert.Equal(SampleData.Flatten(completion), SampleData.Flatten(read.Completions[0]));
        Assert.Equal(rewards, read.Result.Rewards[0]);
    }

    [Fact]
    public async Task Arrays_may_be_empty_or_a_million_tokens_long()
    {
        var group = await AddGroupAsync(0, episodes: 1);
        var episode = group.Episodes[0].Id;
        var empty = SampleData.Completion(episode, 0) with
        {
            PromptIds = [],
            ResponseIds = [],
            PolicyLogProbs = [],
            BehaviorLogProbs = [],
            TokenVersions = [],
            RoutedExperts = default,
        };
        var huge = SampleData.Completion(episode, 1, tokens: 1_000_000) with { PromptIds = [.. Enumerable.Range(0, 1_000_000)] };
        await _store.AddCompletionAsync(empty).DefaultTimeout();
        await _store.AddCompletionAsync(huge).DefaultTimeout();
        await _store.AddResultAsync(SampleData.Result(episode, 2)).DefaultTimeout();

        var read = (await _store.ReadGroupAsync(group.Id, CancellationToken.None).DefaultTimeout()).Episodes[0].Completions;

        Assert.Empty(read[0].PromptIds.Concat(read[0].ResponseIds));
        Assert.Empty(read[0].PolicyLogProbs.Concat(read[0].BehaviorLogProbs));
        Assert.Equal((ReadOnlySpan<int>)huge.PromptIds.AsSpan(), read[1].PromptIds.AsSpan());
        Assert.Equal((ReadOnlySpan<int>)huge.ResponseIds.AsSpan(), read[1].ResponseIds.AsSpan());
        Assert.Equal((ReadOnlySpan<float>)huge.BehaviorLogProbs.AsSpan(), read[1].BehaviorLogProbs.AsSpan());
        Assert.Equal((ReadOnlySpan<long>)huge.TokenVersions.AsSpan(), read[1].TokenVersions.AsSpan());
    }

    [Fact]
    public async Task Concurrent_writers_lose_nothing_and_keep_their_own_order()
    {
        var group = await AddGroupAsync(0, episodes: 16);

        await Task.WhenAll(group.Episodes.Select(episode => Task.Run(() => FinishAsync(episode.Id, turns: 20)))).DefaultTimeout();
        var read = await _store.ReadGroupAsync(group.Id, CancellationToken.None).DefaultTimeout();

        Assert.All(read.Episodes, episode => Assert.Equal(Enumerable.Range(0, 20), episode.Completions.Select(completion => completion.Turn)));
        Assert.True(Assert.Single((await _store.LoadAsync(CancellationToken.None)).InFlight).IsFinished);
    }

    [Fact]
    public async Task Writes_take_effect_in_the_order_of_their_calls()
    {
        var id = new GroupId(0);
        var attempt = StoredEpisode.Create(id, 0, attempt: 0);
        var second = attempt.NextAttempt(id);
        var group = _store.AddGroupAsync(
            new StoredGroup(id, SampleData.Task(0), new PolicyVersion(1), IsFinished: false, [attempt], LastEvent: default));
        List<Task<Receipt>> before = [_store.AddCompletionAsync(SampleData.Completion(attempt.Id, 0))];
        var attempts = _store.AddAttemptsAsync(id, [second]);
        List<Task<Receipt>> after =
        [
            _store.AddCompletionAsync(SampleData.Completion(attempt.Id, 1)),
            _store.AddCompletionAsync(SampleData.Completion(second.Id, 0)),
            _store.AddResultAsync(SampleData.Result(attempt.Id, 1)),
            _store.AddResultAsync(SampleData.Result(second.Id, 1)),
            _store.AddCompletionAsync(SampleData.Completion(second.Id, 1)),
        ];
        var consumed = _store.ConsumeAsync([Trained(0, step: 1)]);

        await Task.WhenAll([group, attempts, consumed]).DefaultTimeout();
        var receipts = await Task.WhenAll(before.Concat(after)).DefaultTimeout();

        Assert.Equal([second], await attempts);
        Assert.Equal([Receipt.Kept, Receipt.Stale, Receipt.Kept, Receipt.Stale, Receipt.Kept, Receipt.Stale], receipts);
    }

    /// <summary>What the test works on.</summary>
    protected IEpisodeStore Store => _store;

    /// <summary>Opens the same data each time within one test.</summary>
    protected abstract Task<IEpisodeStore> OpenAsync();

    protected virtual Task CleanUpAsync() => Task.CompletedTask;

    private static Consumption Trained(long group, long step)
        => new(new GroupId(group), ConsumptionKind.Trained, new PolicyVersion(step), Position: 0, Reason: "");

    private async Task<BatchManifest> BatchAsync(long step, params long[] groups)
    {
        var entries = new List<BatchEntry>();
        foreach (var group in groups)
        {
            entries.Add(BatchEntry.Of(await _store.ReadGroupAsync(new GroupId(group), CancellationToken.None).DefaultTimeout()));
        }

        return new BatchManifest(new PolicyVersion(step), [.. entries]);
    }

    private async Task<StoredGroup> AddGroupAsync(long index, int episodes, TaskReference? task = null)
    {
        var id = new GroupId(index);
        var attempts = Enumerable.Range(0, episodes).Select(place => StoredEpisode.Create(id, place, attempt: 0));
        var group = new StoredGroup(id, task ?? SampleData.Task(index), new PolicyVersion(4), IsFinished: false, [.. attempts], LastEvent: default);
        await _store.AddGroupAsync(group).DefaultTimeout();
        return group;
    }

    private async Task AddFinishedAsync(long index)
        => await FinishAsync((await AddGroupAsync(index, episodes: 1)).Episodes[0].Id, turns: 1);

    private async Task FinishAsync(EpisodeId episode, int turns)
    {
        for (var turn = 0; turn < turns; turn++)
        {
            await _store.AddCompletionAsync(SampleData.Completion(episode, turn)).DefaultTimeout();
        }

        await _store.AddResultAsync(SampleData.Result(episode, turns)).DefaultTimeout();
    }
}
