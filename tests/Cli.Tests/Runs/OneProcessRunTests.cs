using System.Text.Json;
using Forge.TestKit;

namespace Forge.Cli.Tests.Runs;

/// <summary>A run in one process is seen and stopped by the same verbs as one whose services run apart.</summary>
[Trait("Tier", "integration")]
public sealed class OneProcessRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_run_is_listed_and_stopped_and_says_that_it_has_ended()
    {
        using var run = ForgeProcess.Start(
            _folder.Path, "train", "--run-dir", "run", "--plain", "--set", "trainer.evaluate_every=0", "--set", "agent_side.evaluation.tasks_per_level=1",
            "--set", "data_pool.groups_per_batch=2", "--set", "data_pool.in_flight=4");
        await UntilStepAsync(run).ProcessTimeout();

        var running = Rows(await ForgeProcess.RunAsync(_folder.Path, "ps", "--run-dir", "run", "--json"));
        var status = await ForgeProcess.RunAsync(_folder.Path, "status", "--run-dir", "run");
        var logs = await ForgeProcess.RunAsync(_folder.Path, "logs", "--run-dir", "run");
        var stop = await ForgeProcess.RunAsync(_folder.Path, "stop", "--run-dir", "run");
        var ended = Rows(await ForgeProcess.RunAsync(_folder.Path, "ps", "--run-dir", "run", "--json"));

        Assert.Equal(("train", "running"), (running.GetProperty("name").GetString(), running.GetProperty("state").GetString()));
        Assert.Contains(": running", status.Output, StringComparison.Ordinal);
        Assert.Matches("step [0-9]+", status.Output);
        Assert.Contains("Started quickstart from step 0", logs.Output, StringComparison.Ordinal);
        Assert.True(stop.ExitCode == 0, stop.Error);
        Assert.Equal(("ended", JsonValueKind.Null), (ended.GetProperty("state").GetString(), ended.GetProperty("process_id").ValueKind));
        Assert.Equal(130, (await run.EndAsync()).ExitCode);
    }

    public void Dispose() => _folder.Dispose();

    private static JsonElement Rows(ForgeResult result) => JsonDocument.Parse(result.Output).RootElement.EnumerateArray().Single();

    private static async Task UntilStepAsync(ForgeProcess run)
    {
        while (await run.Output.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("step 1/", StringComparison.Ordinal))
        {
        }
    }
}
