using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Metrics;
using Forge.TestKit;

namespace Forge.Cli.Tests.Runs;

/// <summary>A run of seven processes, seen, broken and ended by the command line.</summary>
[Trait("Tier", "long")]
public sealed class DistributedRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task What_a_killed_supervisor_leaves_is_adopted_and_then_ended()
    {
        var up = await ForgeProcess.RunAsync(
            _folder.Path, "up", "--run-dir", "run", "--detach", "--set", "trainer.evaluate_every=0", "--set", "agent_side.evaluation.tasks_per_level=1",
            "--set", "data_pool.groups_per_batch=2", "--set", "data_pool.in_flight=4");
        Assert.True(up.ExitCode == 0, up.Error);
        var before = await ProcessesAsync();
        var status = JsonDocument.Parse((await ForgeProcess.RunAsync(_folder.Path, "status", "--run-dir", "run", "--json")).Output).RootElement;
        Assert.Equal("Redis", status.GetProperty("window").GetProperty("source").GetString());
        using (var supervisor = System.Diagnostics.Process.GetProcessById(before["supervisor"]!.Value))
        {
            supervisor.Kill();
        }

        var resumed = await ForgeProcess.RunAsync(_folder.Path, "resume", "--run-dir", "run", "--detach");
        var after = await ProcessesAsync();
        var stopped = await ForgeProcess.RunAsync(_folder.Path, "stop", "--run-dir", "run");

        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.True(stopped.ExitCode == 0, stopped.Error);
        Assert.Equal(8, before.Count);
        Assert.Equal(before.Where(process => process.Key is "postgres" or "redis" or "rollout" or "gateway"), after.Where(process => process.Key is "postgres" or "redis" or "rollout" or "gateway"));
        Assert.All(await ProcessesAsync(), process => Assert.Null(process.Value));
    }

    [Fact]
    public async Task Five_processes_train_to_the_last_step_and_report_what_one_process_reports()
    {
        string[] small =
        [
            "--set", "trainer.steps=3", "--set", "trainer.evaluate_every=0", "--set", "agent_side.evaluation.tasks_per_level=1",
            "--set", "agent_side.episodes_per_group=4", "--set", "data_pool.groups_per_batch=2", "--set", "data_pool.in_flight=4",
        ];
        var apart = await ForgeProcess.RunAsync(_folder.Path, ["up", "--run-dir", "apart", .. small]);
        var together = await ForgeProcess.RunAsync(_folder.Path, ["train", "--plain", "--run-dir", "together", .. small]);
        Assert.True(apart.ExitCode == 0, apart.Error);
        Assert.True(together.ExitCode == 0, together.Error);

        var (apartRows, togetherRows) = (Metrics("apart"), Metrics("together"));
        Assert.Equal([0, 1, 2, 3], apartRows.Select(row => row["step"]!.GetValue<long>()));
        Assert.Equal(Names(togetherRows), Names(apartRows));
        Assert.All(apartRows.Skip(1), row => Assert.True(row[MetricNames.GeneratedTokensPerSecond]!.GetValue<double>() > 0, row.ToJsonString()));
    }

    public void Dispose() => _folder.Dispose();

    private JsonNode[] Metrics(string run)
        => [.. File.ReadLines(Path.Combine(_folder.Path, run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!)];

    private static SortedSet<string> Names(IEnumerable<JsonNode> rows) => [.. rows.SelectMany(row => row.AsObject().Select(entry => entry.Key))];

    private async Task<SortedDictionary<string, int?>> ProcessesAsync()
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, "ps", "--run-dir", "run", "--json");
        var rows = JsonDocument.Parse(result.Output).RootElement.EnumerateArray();
        return new SortedDictionary<string, int?>(rows.ToDictionary(
            row => row.GetProperty("name").GetString()!,
            row => row.GetProperty("process_id").ValueKind == JsonValueKind.Null ? (int?)null : row.GetProperty("process_id").GetInt32()));
    }
}
