using System.Text.Json;
using Forge.TestKit;

namespace Forge.Cli.Tests.Chaos;

/// <summary>Two minutes of <c>forge chaos</c>: every service, both servers, the disk and the connections; nothing that was acknowledged is lost.</summary>
[Trait("Tier", "long")]
public sealed class ChaosTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(12);

    private static readonly string[] Promises = ["acked_lost", "trained_twice", "skipped", "order_violations", "log_holes", "stale_kept"];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Nothing_that_was_acknowledged_is_lost_in_two_minutes_of_faults()
    {
        using var chaos = ForgeProcess.Start(_folder.Path, "chaos", "--minutes", "2", "--every", "8s", "--seed", "2", "--json", "--run-dir", "chaos");

        var output = await chaos.Output.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Limit, TestContext.Current.CancellationToken);
        var ended = await chaos.EndAsync();

        Assert.True(ended.ExitCode == 0, output + ended.Error);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.All(
            Promises,
            promise => Assert.Equal(0, report.GetProperty(promise).GetInt32()));
        Assert.True(report.GetProperty("ok").GetBoolean());
        Assert.InRange(report.GetProperty("faults").GetInt32(), 15, 16);
        Assert.Equal(report.GetProperty("steps").GetInt64(), report.GetProperty("last_step").GetInt64());
        Assert.InRange(report.GetProperty("counts").GetProperty("acked_completions").GetInt32(), 100, int.MaxValue);
    }

    public void Dispose() => _folder.Dispose();
}
