using System.Text.Json;
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

    public void Dispose() => _folder.Dispose();

    private async Task<SortedDictionary<string, int?>> ProcessesAsync()
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, "ps", "--run-dir", "run", "--json");
        var rows = JsonDocument.Parse(result.Output).RootElement.EnumerateArray();
        return new SortedDictionary<string, int?>(rows.ToDictionary(
            row => row.GetProperty("name").GetString()!,
            row => row.GetProperty("process_id").ValueKind == JsonValueKind.Null ? (int?)null : row.GetProperty("process_id").GetInt32()));
    }
}
