using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.TestKit;
using Forge.Trainer.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Scenarios.Tests.Training;

/// <summary>Kills a training process (SIGKILL) whenever chance says so: while it loads, generates, trains, writes or publishes.</summary>
[Trait("Tier", "long")]
public sealed partial class RandomKillTests(BasePolicy policy, ITestOutputHelper output) : IClassFixture<BasePolicy>, IDisposable
{
    private const int GroupsPerBatch = 2;
    private const int Kills = 8;

    private readonly TemporaryFolder _folder = new();

    private string Run => _folder.File("run");

    [Fact]
    public async Task A_run_that_is_killed_again_and_again_finishes_and_trains_no_group_twice()
    {
        var random = new Random(20);
        var kept = 0L;
        for (var life = 0; life < Kills; life++)
        {
            kept = life % 3 == 2
                ? await DieEarlyAsync(kept, TimeSpan.FromMilliseconds(random.Next(150, 1000)))
                : await LiveAsync(kept, TimeSpan.FromMilliseconds(random.Next(50, 1500)), isFirst: life == 0);
        }

        var steps = kept + 3;
        var last = await ForgeProcess.RunAsync(_folder.Path, "train", "--resume", "--run-dir", Run, "--plain", "--steps", $"{steps}");

        Assert.True(last.ExitCode == 0, last.Error + last.Output);
        await AssertTrainedOnceAsync(steps);
        AssertLoads($"step-{steps:D6}");
        var written = MetricSteps();
        Assert.Equal(written.Order().Distinct(), written);

        // A kill between a checkpoint and its line in metrics.jsonl costs the line, never the step.
        Assert.InRange(written.Count, steps + 1 - Kills, steps + 1);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>One process from its start to its violent end: it makes at least one step, then has a while to live.</summary>
    /// <param name="kept">The newest step of the lives before it.</param>
    /// <param name="toLive">Time from its first step to its end.</param>
    /// <param name="isFirst">True for the one that starts the run.</param>
    /// <returns>The newest step that it kept.</returns>
    private async Task<long> LiveAsync(long kept, TimeSpan toLive, bool isFirst)
    {
        using var process = ForgeProcess.Start(_folder.Path, isFirst ? Train() : ["train", "--resume", "--run-dir", Run, "--plain"]);
        var reading = ReadStepsAsync(process);
        await reading.First.Task.ProcessTimeout();
        Assert.True(reading.Steps.Count > 0, reading.Error);
        await KillAsync(process, reading, toLive);

        Assert.Equal(kept + 1, reading.Steps[0]);
        return Kept($"{toLive.TotalMilliseconds} ms after its first step", reading.Steps[^1]);
    }

    /// <summary>One resumed process that may die while it loads, recovers or publishes.</summary>
    private async Task<long> DieEarlyAsync(long kept, TimeSpan toLive)
    {
        using var process = ForgeProcess.Start(_folder.Path, "train", "--resume", "--run-dir", Run, "--plain");
        var reading = ReadStepsAsync(process);
        await KillAsync(process, reading, toLive);

        return Kept($"{toLive.TotalMilliseconds} ms after its start", reading.Steps.LastOrDefault(kept));
    }

    private static async Task KillAsync(ForgeProcess process, StepLines reading, TimeSpan toLive)
    {
        await Task.Delay(toLive, TestContext.Current.CancellationToken);
        await process.KillAsync();
        await reading.Ended.DefaultTimeout();
    }

    // A reported step is never lost; the step after it may have been kept before it could be reported.
    private long Kept(string when, long reported)
    {
        var newest = new CheckpointStore(Path.Combine(Run, "checkpoints"), keepLast: 3, keepBest: true).Latest((folder, reason) => Assert.Fail($"{folder}: {reason}"));
        var kept = long.Parse(Path.GetFileName(newest)!["step-".Length..], CultureInfo.InvariantCulture);
        output.WriteLine($"killed {when}: reported {reported}, kept {kept}");
        Assert.InRange(kept, reported, reported + 1);
        return kept;
    }

    private string[] Train()
        =>
        [
            "train", "--run-dir", Run, "--plain", "--steps", "500", "--set", $"model.checkpoint={policy.Checkpoint}",
            "--set", "agent_side.evaluation.tasks_per_level=2", "--set", "trainer.evaluate_every=3", "--set", $"data_pool.groups_per_batch={GroupsPerBatch}",
            "--set", "data_pool.in_flight=4", "--set", "trainer.keep_last=3", "--set", "agent_side.episodes_per_group=4", "--set", "agent_side.limits.max_turns=3",
            // The tests' small vocabulary makes long prompts.
            "--set", "gateway.context_length=1024", "--set", "rollout.max_context=1024",
            // An untrained policy solves nothing: its groups differ only in speed and format.
            "--set", "algorithm.speed_weight=0.05", "--set", "agent_side.curriculum.level_weights=[]", "--set", "rollout.slots=64",
        ];

    private static StepLines ReadStepsAsync(ForgeProcess process)
    {
        var lines = new StepLines();
        lines.Ended = Task.Run(async () =>
        {
            while (await process.Output.ReadLineAsync() is { } line)
            {
                if (StepLine().Match(line) is { Success: true } match)
                {
                    lines.Steps.Add(long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
                    lines.First.TrySetResult();
                }
            }

            lines.Error = await process.ErrorAsync();
            lines.First.TrySetResult();
        });
        return lines;
    }

    private async Task AssertTrainedOnceAsync(long steps)
    {
        await using var store = SqliteEpisodeStore.Open(Path.Combine(Run, "pool.db"), TimeProvider.System);
        var consumptions = await store.ReadConsumptionsAsync(CancellationToken.None);
        var trained = consumptions.Where(consumption => consumption.Kind == ConsumptionKind.Trained).ToArray();

        Assert.Equal(consumptions.Length, consumptions.Select(consumption => consumption.Group).Distinct().Count());
        Assert.Equal(
            Enumerable.Range(1, (int)steps).Select(step => ((long)step, GroupsPerBatch)),
            trained.GroupBy(consumption => consumption.Step.Value).Select(step => (step.Key, step.Count())));
    }

    private void AssertLoads(string checkpoint)
    {
        using var model = CheckpointLoader.Load(Path.Combine(Run, "checkpoints", checkpoint), new ModelPlacement(CPU, ScalarType.Float32));

        Assert.All(model.parameters(), parameter => Assert.True(double.IsFinite(parameter.sum().ToDouble())));
    }

    private List<long> MetricSteps()
        => [.. File.ReadAllLines(Path.Combine(Run, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt64())];

    [GeneratedRegex(@"step (\d+)/")]
    private static partial Regex StepLine();

    private sealed class StepLines
    {
        public List<long> Steps { get; } = [];

        public string Error { get; set; } = "";

        /// <summary>Completes with the first step, or with the process.</summary>
        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended { get; set; } = Task.CompletedTask;
    }
}
