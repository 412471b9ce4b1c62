using System.Text.Json;
using Forge.TestKit;

namespace Forge.Cli.Tests.Bench;

/// <summary>The verb as a user runs it, for a moment: every store, in process and as a service, beside pgbench.</summary>
[Trait("Tier", "integration")]
public sealed class PoolBenchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Every_store_is_measured_in_process_and_as_a_service_and_nothing_is_left_behind()
    {
        var result = await ForgeProcess.RunAsync(
            _folder.Path, "bench", "pool", "--json", "--seconds", "0.2", "--writers", "4", "--folder", _folder.Path);

        Assert.True(result.ExitCode == 0, result.Error);
        var rows = JsonDocument.Parse(result.Output).RootElement.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(
            ["sqlite/in process/4", "postgres/in process/4", "sqlite/service/4", "postgres + redis/service/4", "pgbench//4"],
            rows.Select(row => $"{row.GetProperty("store")}/{row.GetProperty("pool")}/{row.GetProperty("writers")}"));
        Assert.All(rows, row => Assert.True(row.GetProperty("completions_per_s").GetDouble() > 0));
        Assert.All(rows.Take(4), row => Assert.True(row.GetProperty("groups_per_s").GetDouble() > 0));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Writers_out_of_range_are_refused()
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, "bench", "pool", "--writers", "0", "--folder", _folder.Path);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--writers is 0", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();
}
