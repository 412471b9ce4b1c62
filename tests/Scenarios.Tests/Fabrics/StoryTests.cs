using Forge.Core.Ring;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.Scenarios.Tests.Ring;
using Forge.TestKit;
using Forge.Trainer;
using Forge.Trainer.Loop;

namespace Forge.Scenarios.Tests.Fabrics;

/// <summary>The same stories on both fabrics: what a run does must not depend on where its parts live.</summary>
public sealed class StoryTests(PaintingPolicy policy) : IClassFixture<PaintingPolicy>, IDisposable
{
    private readonly CancellationToken _test = TestContext.Current.CancellationToken;
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(Fabric.InProcess)]
    [InlineData(Fabric.OverTheWire)]
    public async Task A_run_makes_its_steps_and_trains_exactly_what_was_generated(Fabric fabric)
    {
        await using var ring = await OpenAsync(fabric, steps: 3);

        var outcome = await ring.RunAsync(_test).ProcessTimeout();

        Assert.Equal((TrainEnd.Finished, 3), (outcome.Ended, outcome.Steps));
        Assert.Equal([0, 1, 2, 3], ring.Engine.Published.Select(weights => weights.Version.Value));
        await ring.DisposeAsync();
        var (consumed, groups) = await LedgerAsync(ring.PoolPath);
        AssertSound(consumed, groups, steps: 3);
        Assert.All(groups.SelectMany(group => group.Episodes).SelectMany(episode => episode.Completions), completion => Assert.Equal(
            RecordText.Of(ring.Engine.Witnessed[completion.Id].Completion), RecordText.Of(completion)));
    }

    [Theory]
    [InlineData(Fabric.InProcess)]
    [InlineData(Fabric.OverTheWire)]
    public async Task A_run_that_was_stopped_goes_on_where_it_was(Fabric fabric)
    {
        await using (var first = await OpenAsync(fabric, steps: 4))
        {
            Assert.Equal(TrainEnd.Stopped, (await first.RunAsync(resume: false, stopAfter: 2, _test).ProcessTimeout()).Ended);
        }

        await using var second = await OpenAsync(fabric, steps: 4);
        var outcome = await second.RunAsync(resume: true, stopAfter: long.MaxValue, _test).ProcessTimeout();

        Assert.Equal((TrainEnd.Finished, 4), (outcome.Ended, outcome.Steps));
        Assert.Equal([2, 3, 4], second.Engine.Published.Select(weights => weights.Version.Value));
        await second.DisposeAsync();
        var (consumed, groups) = await LedgerAsync(second.PoolPath);
        AssertSound(consumed, groups, steps: 4);
    }

    [Theory]
    [InlineData(Fabric.InProcess, Fabric.OverTheWire)]
    [InlineData(Fabric.OverTheWire, Fabric.InProcess)]
    public async Task A_run_goes_on_on_the_other_fabric(Fabric before, Fabric after)
    {
        await using (var first = await OpenAsync(before, steps: 3))
        {
            await first.RunAsync(resume: false, stopAfter: 1, _test).ProcessTimeout();
        }

        await using var second = await OpenAsync(after, steps: 3);
        var outcome = await second.RunAsync(resume: true, stopAfter: long.MaxValue, _test).ProcessTimeout();

        Assert.Equal((TrainEnd.Finished, 3), (outcome.Ended, outcome.Steps));
        await second.DisposeAsync();
        var (consumed, groups) = await LedgerAsync(second.PoolPath);
        AssertSound(consumed, groups, steps: 3);
    }

    [Theory]
    [InlineData(Fabric.InProcess)]
    [InlineData(Fabric.OverTheWire)]
    public async Task Evaluations_come_when_they_are_due_and_nothing_of_them_is_trained(Fabric fabric)
    {
        await using var ring = await OpenAsync(fabric, steps: 2, evaluateEvery: 1);

        var outcome = await ring.RunAsync(_test).ProcessTimeout();

        Assert.Equal((0, 8), (outcome.Before!.Version.Value, outcome.Before.Overall.Count));
        Assert.Equal((2, 8), (outcome.After!.Version.Value, outcome.After.Overall.Count));
        Assert.Equal([0L, 1, 2], ring.Metrics.Written.Where(line => line.Values.ContainsKey("eval/success")).Select(line => line.Step).Distinct());
        await ring.DisposeAsync();
        var (_, groups) = await LedgerAsync(ring.PoolPath);
        Assert.DoesNotContain(groups.SelectMany(group => group.Episodes), episode => episode.Id.Value.StartsWith("eval-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Both_fabrics_play_an_evaluation_token_by_token_alike()
    {
        string[] played = [await PlayedAsync(Fabric.InProcess), await PlayedAsync(Fabric.OverTheWire)];

        Assert.Equal(played[0], played[1]);
        Assert.Contains("eval-1-0-0", played[0], StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertSound(IReadOnlyList<Consumption> consumed, IReadOnlyList<Group> trained, int steps)
    {
        var ofSteps = consumed.Where(consumption => consumption.Kind == ConsumptionKind.Trained).ToArray();
        Assert.Equal(consumed.Count, consumed.Select(consumption => consumption.Group).Distinct().Count());
        Assert.Equal(
            Enumerable.Range(1, steps).Select(step => ((long)step, RingSettings.Pool.GroupsPerBatch)),
            ofSteps.GroupBy(consumption => consumption.Step.Value).Select(step => (step.Key, step.Count())));
        Assert.All(ofSteps.Zip(trained), pair => Assert.InRange(
            pair.First.Step.Value - 1 - pair.Second.DispatchedAt.Value, 0, RingSettings.Pool.MaxStaleness));
    }

    private static async Task<(IReadOnlyList<Consumption> Consumed, IReadOnlyList<Group> Trained)> LedgerAsync(string path)
    {
        await using var store = SqliteEpisodeStore.Open(path, TimeProvider.System);
        var consumed = await store.ReadConsumptionsAsync(CancellationToken.None);
        var trained = new List<Group>();
        foreach (var consumption in consumed.Where(consumption => consumption.Kind == ConsumptionKind.Trained))
        {
            trained.Add(await store.ReadGroupAsync(consumption.Group, CancellationToken.None));
        }

        return (consumed, trained);
    }

    private Task<WholeRing> OpenAsync(Fabric fabric, int steps, int evaluateEvery = 0) => WholeRing.OpenAsync(
        _folder.Path, policy.Folder, new PaintEnvironment("green", "blue"),
        new TrainerOptions { Steps = steps, LearningRate = 1e-4, WarmupSteps = 1, EvaluateEvery = evaluateEvery, MicroBatchTokens = 4096 }, fabric);

    private async Task<string> PlayedAsync(Fabric fabric)
    {
        var folder = Directory.CreateDirectory(_folder.File($"{fabric}")).FullName;
        await using var ring = await WholeRing.OpenAsync(folder, policy.Folder, new PaintEnvironment("green"), new TrainerOptions(), fabric);
        await ring.PublishStartAsync(_test).ProcessTimeout();
        var report = await ring.Evaluator.EvaluateAsync(PolicyVersion.Initial, _test).ProcessTimeout();
        return RecordText.Of(report with { Episodes = [.. report.Episodes.Select(Timeless)] });
    }

    private static Episode Timeless(Episode episode) => episode with
    {
        Result = episode.Result with { Elapsed = TimeSpan.Zero },
        Completions = [.. episode.Completions.Select(completion => completion with { Timings = new CompletionTimings(default, default, default, 0) })],
    };
}
