using System.Collections.Immutable;
using Forge.Cli.Runs;
using Forge.Hosting.Health;

namespace Forge.Cli.Tests.Runs;

public sealed class RunReportTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(59, false)]
    [InlineData(180, true)]
    public void A_long_wait_says_who_waits_for_whom_and_what_to_do(int seconds, bool expected)
    {
        var wait = new Wait("the agent side", "nothing has moved", Now - TimeSpan.FromSeconds(seconds), "start agent_side") { Who = "trainer" };
        var part = new StatusReport("window", "2 groups in flight", null, [wait], ImmutableSortedDictionary<string, double>.Empty);
        var status = new ServiceStatus("data_pool", "a", ServicePhase.Ready, 1, Now, new Dictionary<string, string>(), [part]);
        var report = new RunReport("a", "/run", Now, true, null, [], new Dictionary<string, ServiceAnswer> { ["data_pool"] = new(status, null) }, Window: null);

        var lines = report.Lines().ToArray();

        Assert.Equal("data_pool: ready; window: 2 groups in flight", lines[0]);
        Assert.Equal(expected, lines.Any(line => line.StartsWith("trainer waits for the agent side since ", StringComparison.Ordinal)));
        Assert.Equal(expected, lines.Contains("  What to do: start agent_side"));
    }
}
