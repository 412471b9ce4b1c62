using System.Text.Json;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.TestKit;

namespace Forge.Scenarios.Tests.Training;

/// <summary>A run is recorded once and trained from again: the same order, and the same losses however its samples are merged.</summary>
[Trait("Tier", "long")]
public sealed class ReplayTests(BasePolicy policy) : IClassFixture<BasePolicy>, IDisposable
{
    private const int Steps = 20;
    private const string Loss = "loss/policy";

    private readonly TemporaryFolder _folder = new();

    private string Recorded => _folder.File("recorded");

    [Fact]
    public async Task Merging_changes_no_loss_of_a_recorded_run()
    {
        await RecordedRuns.RecordAsync(_folder, policy, Steps);
        var before = await File.ReadAllBytesAsync(Path.Combine(Recorded, "pool.db"), TestContext.Current.CancellationToken);

        await ReplayAsync("tree", "--set", "model.dtype=float64", "--set", "trainer.merge=tree", "--set", "trainer.exactness_every=5");
        await ReplayAsync("none", "--set", "model.dtype=float64", "--set", "trainer.merge=none");

        var (tree, none) = (Figures("tree", Loss), Figures("none", Loss));
        Assert.Equal(Steps, tree.Count);
        Assert.All(tree, step => Assert.Equal(none[step.Key], step.Value, 1e-9));
        Assert.All(Figures("tree", "optim/grad_norm"), step => Assert.Equal(Figures("none", "optim/grad_norm")[step.Key], step.Value, 1e-9));
        Assert.True(tree.Values.Max() - tree.Values.Min() > 1e-3, "The losses of the steps hardly differ.");
        Assert.All(Figures("tree", "tree/token_ratio_vs_completion").Values, ratio => Assert.InRange(ratio, 0.01, 0.7));
        Assert.Equal(Steps / 5, Figures("tree", "tree/exactness_max_dlogp").Count);
        Assert.All(Figures("tree", "tree/exactness_max_dlogp").Values, difference => Assert.InRange(difference, 0, 1e-9));
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(Recorded, "pool.db"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_replay_trains_each_recorded_step_on_its_groups_in_their_order_and_can_be_resumed()
    {
        await RecordedRuns.RecordAsync(_folder, policy, 6);

        await ReplayAsync("replay", "--steps", "2", "--set", "trainer.keep_last=10");
        var resumed = await ForgeProcess.RunAsync(
            _folder.Path, "train", "--replay", Recorded, "--resume", "--run-dir", _folder.File("replay"), "--plain", "--steps", "100");

        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(await LogAsync(), Enumerable.Range(1, 6).Select(step => string.Join(' ', TrainedGroups("replay", step))));
        var (first, again) = (Figures("recorded", Loss), Figures("replay", Loss));
        Assert.Equal(Enumerable.Range(1, 6).Select(step => (long)step), again.Keys);

        // The replay makes the same steps; only the learning rate of --steps 2 and 100 differs from the recorded run's.
        Assert.Equal(first[1], again[1], 1e-5);
    }

    public void Dispose() => _folder.Dispose();

    private async Task ReplayAsync(string name, params string[] more)
    {
        var result = await ForgeProcess.RunAsync(
            _folder.Path, ["train", "--replay", Path.Combine(Recorded, "pool.db"), "--run-dir", _folder.File(name), "--plain", .. more]);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private SortedDictionary<long, double> Figures(string run, string name)
    {
        var figures = new SortedDictionary<long, double>();
        foreach (var line in File.ReadAllLines(_folder.File($"{run}/metrics.jsonl")))
        {
            var json = JsonDocument.Parse(line).RootElement;
            if (json.TryGetProperty(name, out var value))
            {
                figures.Add(json.GetProperty("step").GetInt64(), value.GetDouble());
            }
        }

        return figures;
    }

    private IEnumerable<long> TrainedGroups(string run, int step)
    {
        var state = File.ReadAllText(_folder.File($"{run}/checkpoints/step-{step:D6}/trainer.json"));
        return JsonDocument.Parse(state).RootElement.GetProperty("trained_groups").EnumerateArray().Select(group => group.GetInt64());
    }

    private async Task<IEnumerable<string>> LogAsync()
    {
        await using var store = SqliteEpisodeStore.Open(Path.Combine(Recorded, "pool.db"), TimeProvider.System);
        var consumptions = await store.ReadConsumptionsAsync(TestContext.Current.CancellationToken);
        return consumptions.Where(consumption => consumption.Kind == ConsumptionKind.Trained).GroupBy(consumption => consumption.Step.Value)
            .Select(step => string.Join(' ', step.OrderBy(consumption => consumption.Position).Select(consumption => consumption.Group.Value)));
    }
}
