using System.Text.Json;
using Forge.Core.Metrics;
using Forge.TestKit;
using Microsoft.Data.Sqlite;

namespace Forge.Scenarios.Tests.Training;

/// <summary>The whole ring as a user runs it: a process that trains, is stopped, killed, damaged, and goes on.</summary>
[Trait("Tier", "long")]
public sealed class TrainingTests(BasePolicy policy) : IClassFixture<BasePolicy>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder.File("run");

    [Fact]
    public void Sft_writes_a_whole_checkpoint_with_its_card()
    {
        Assert.True(policy.Made!.ExitCode == 0, policy.Made.Error);
        foreach (var name in (string[])["config.json", "model.safetensors", "tokenizer.json", "README.md"])
        {
            Assert.True(File.Exists(Path.Combine(policy.Checkpoint, name)), name);
        }

        var card = File.ReadAllText(Path.Combine(policy.Checkpoint, "README.md"));
        Assert.Contains("./forge sft --steps 3", card, StringComparison.Ordinal);
        Assert.Contains("| seed | 1 |", card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_leaves_everything_that_is_promised()
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, [.. Train("--steps", "3"), "--json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        var summary = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Run, "summary.json"), TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal("finished", summary.GetProperty("status").GetString());
        Assert.Equal(3, summary.GetProperty("steps").GetInt64());
        Assert.Equal(8, summary.GetProperty("eval").GetProperty("after").GetProperty("n").GetInt32());
        Assert.True(summary.GetProperty("trained_tokens").GetInt64() > 0);
        Assert.Equal([0, 1, 2, 3], Steps());
        Assert.Empty(DocumentedFigures().Except(LastFigures()));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(Run, "tensorboard")));
        Assert.True(Directory.Exists(Path.Combine(Run, "checkpoints", "step-000003")));
        Assert.Equal("end", LastEvent(result.Output).GetProperty("event").GetString());
    }

    [Fact]
    public async Task An_interrupted_run_says_how_to_go_on_and_does()
    {
        using var process = ForgeProcess.Start(_folder.Path, Train("--steps", "500", "--plain"));
        await UntilAsync(process, "step 2/");

        process.Interrupt();
        var stopped = await process.EndAsync();
        var command = stopped.Output[stopped.Output.IndexOf("./forge train --resume", StringComparison.Ordinal)..].Split('\n')[0].Trim();
        var resumed = await ForgeProcess.RunAsync(
            _folder.Path, [.. command.Split(' ')[1..], "--plain", "--steps", FormattableString.Invariant($"{Steps()[^1] + 2}")]);

        Assert.Equal(130, stopped.ExitCode);
        Assert.Contains("Go on: ./forge train --resume --run-dir run", stopped.Output, StringComparison.Ordinal);
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Contains("before -> after", resumed.Output, StringComparison.Ordinal);
        AssertEveryStepOnce();
    }

    [Fact]
    public async Task A_killed_run_loses_at_most_its_step_and_trains_no_group_twice()
    {
        for (var life = 0; life < 3; life++)
        {
            using var process = ForgeProcess.Start(
                _folder.Path, life == 0 ? Train("--steps", "500", "--plain") : ["train", "--resume", "--run-dir", Run, "--plain"]);
            for (var step = 0; step < 4; step++)
            {
                await UntilAsync(process, "step ");
            }

            await process.KillAsync();
        }

        var steps = Steps()[^1] + 3;
        var last = await ForgeProcess.RunAsync(
            _folder.Path, "train", "--resume", "--run-dir", Run, "--plain", "--steps", FormattableString.Invariant($"{steps}"));

        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Equal(steps, Steps()[^1]);
        AssertEveryStepOnce(kills: 3);
        Assert.Empty(GroupsTrainedTwice());
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_passed_over_with_a_word()
    {
        await ForgeProcess.RunAsync(_folder.Path, Train("--steps", "4", "--plain"));
        await File.WriteAllTextAsync(Path.Combine(Run, "checkpoints", "step-000004", "model.safetensors"), "torn", TestContext.Current.CancellationToken);

        var result = await ForgeProcess.RunAsync(_folder.Path, "train", "--resume", "--run-dir", Run, "--plain", "--steps", "5");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("step-000004", result.Output, StringComparison.Ordinal);
        AssertEveryStepOnce();
    }

    [Fact]
    public async Task A_second_process_is_kept_out_of_the_run()
    {
        using var process = ForgeProcess.Start(_folder.Path, Train("--steps", "500", "--plain"));
        await UntilAsync(process, "step 1/");

        var second = await ForgeProcess.RunAsync(_folder.Path, "train", "--resume", "--run-dir", Run);
        await process.KillAsync();

        Assert.Equal(2, second.ExitCode);
        Assert.Contains("Another process works in", second.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string[] Train(params string[] more)
        =>
        [
            "train", "--run-dir", Run, "--set", $"model.checkpoint={policy.Checkpoint}", "--set", "agent_side.evaluation.tasks_per_level=2",
            "--set", "trainer.evaluate_every=0", "--set", "trainer.exactness_every=1",
            "--set", "data_pool.groups_per_batch=2", "--set", "data_pool.in_flight=4", "--set", "trainer.keep_last=3",
            "--set", "agent_side.episodes_per_group=4", "--set", "agent_side.limits.max_turns=3",
            // The tests' small vocabulary makes long prompts.
            "--set", "gateway.context_length=1024", "--set", "rollout.max_context=1024",
            // An untrained policy solves nothing: its groups differ only in speed and format.
            "--set", "algorithm.speed_weight=0.05", "--set", "agent_side.curriculum.level_weights=[]", "--set", "rollout.slots=64", .. more,
        ];

    private static async Task UntilAsync(ForgeProcess process, string text)
    {
        while (await process.Output.ReadLineAsync().ProcessTimeout() is { } line)
        {
            if (line.StartsWith(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"The process ended before it said '{text}': {await process.ErrorAsync()}");
    }

    private List<long> Steps()
        => [.. File.ReadAllLines(Path.Combine(Run, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt64())];

    // Without recorded routing nobody knows whether it differs.
    private static IEnumerable<string> DocumentedFigures()
        => typeof(MetricNames).GetFields().Select(field => (string)field.GetValue(null)!).Except([MetricNames.RouteDisagreement])
            .Concat(["eval/success", "eval/turns", "eval/success_level_1", "mismatch/logprob_abs_diff_p999"]);

    private IEnumerable<string> LastFigures()
        => JsonDocument.Parse(File.ReadAllLines(Path.Combine(Run, "metrics.jsonl"))[^1]).RootElement.EnumerateObject().Select(figure => figure.Name);

    // A kill between a checkpoint and its line in metrics.jsonl costs the line, never the step.
    private void AssertEveryStepOnce(int kills = 0)
    {
        var steps = Steps();
        Assert.Equal(steps.Order().Distinct(), steps);
        Assert.InRange(steps[^1] + 1 - steps.Count, 0, kills);
    }

    private List<long> GroupsTrainedTwice()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Run, "pool.db")};Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT group_id FROM consumption WHERE undone = 0 GROUP BY group_id HAVING COUNT(*) > 1";
        using var reader = command.ExecuteReader();
        var groups = new List<long>();
        while (reader.Read())
        {
            groups.Add(reader.GetInt64(0));
        }

        return groups;
    }

    private static JsonElement LastEvent(string output)
        => JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
}
