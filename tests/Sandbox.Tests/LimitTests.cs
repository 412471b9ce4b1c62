using System.Globalization;

namespace Forge.Sandbox.Tests;

public sealed class LimitTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Processes_are_bounded(bool controlGroups)
    {
        await using var harness = await SandboxHarness.OpenAsync(new SandboxOptions { Processes = 12, MemoryBytes = 8L << 30, ControlGroups = controlGroups });

        var counted = await harness.PerlAsync("while (defined($p = fork())) { if (!$p) { sleep 1000; exit } $n++ } print $n");

        Assert.InRange(int.Parse(counted.Output.Text, CultureInfo.InvariantCulture), 5, 11);
        Assert.Empty(HostProcesses.With(harness.Marker));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_fork_bomb_ends_with_its_time(bool controlGroups)
    {
        await using var harness = await SandboxHarness.OpenAsync(
            new SandboxOptions { Processes = 40, MemoryBytes = 16L << 30, Timeout = TimeSpan.FromSeconds(2), ControlGroups = controlGroups });

        var bomb = await harness.PerlAsync("fork while 1");

        Assert.Equal(SandboxEnd.TimedOut, bomb.End);
        Assert.Empty(HostProcesses.With(harness.Marker));
    }

    [Fact]
    public async Task Memory_of_all_processes_together_is_bounded_by_the_control_group()
    {
        await using var harness = await SandboxHarness.OpenAsync(new SandboxOptions { MemoryBytes = 96L << 20, TmpBytes = 8L << 20 });
        Assert.SkipUnless((await harness.ShellAsync("true")).MemoryPeak > 0, "This user can write no control group.");

        var bomb = await harness.PerlAsync("fork; fork; $x = 'a' x (40 << 20); sleep 1; wait; wait; kill 9, $$");

        Assert.True(bomb.MemoryKills > 0);
        Assert.Equal((SandboxEnd.LimitReached, SandboxLimit.Memory), (bomb.End, bomb.Limit));
        Assert.InRange(bomb.MemoryPeak, 1, 96L << 20);
    }

    [Fact]
    public async Task Memory_of_one_process_is_bounded_by_the_control_group()
    {
        await using var harness = await SandboxHarness.OpenAsync(new SandboxOptions { MemoryBytes = 64L << 20, TmpBytes = 8L << 20 });
        Assert.SkipUnless((await harness.ShellAsync("true")).MemoryPeak > 0, "This user can write no control group.");

        var bomb = await harness.PerlAsync("$x .= 'a' x (1 << 20) while 1");

        Assert.Equal((SandboxEnd.LimitReached, SandboxLimit.Memory, 137), (bomb.End, bomb.Limit, bomb.ExitCode));
    }

    [Fact]
    public async Task Memory_is_bounded_by_shares_without_control_groups()
    {
        await using var harness = await SandboxHarness.OpenAsync(new SandboxOptions { MemoryBytes = 1L << 30, TmpBytes = 8L << 20, ControlGroups = false });

        var bomb = await harness.PerlAsync("$x .= 'a' x (1 << 20) while 1");
        var shares = await harness.PerlAsync("open F, '/proc/self/limits'; while (<F>) { print \"$1 \" if /^Max (?:processes|address space) +(\\d+)/ }");

        Assert.False(bomb.Succeeded);
        Assert.Contains("Out of memory", bomb.Error.Text, StringComparison.Ordinal);
        var bounds = shares.Output.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse).ToArray();
        Assert.InRange(bounds[0] * bounds[1], 1, (1L << 30) - (16L << 20));
    }

    [Theory]
    [InlineData("/tmp/fill")]
    [InlineData("/dev/shm/fill")]
    public async Task Files_in_memory_are_bounded(string path)
    {
        await using var harness = await SandboxHarness.OpenAsync(new SandboxOptions { TmpBytes = 1 << 20 });

        var filled = await harness.ShellAsync($"head -c 5000000 /dev/zero > {path}; stat -c %s {path}");

        Assert.Contains("No space", filled.Error.Text, StringComparison.Ordinal);
        Assert.InRange(long.Parse(filled.Output.Text, CultureInfo.InvariantCulture), 0, 1 << 20);
    }

    [Fact]
    public async Task A_file_over_the_limit_ends_the_program()
    {
        await using var harness = await SandboxHarness.OpenAsync(new SandboxOptions { FileBytes = 100_000 });

        var written = await harness.ShellAsync("exec head -c 5000000 /dev/zero > big");

        Assert.Equal((SandboxEnd.LimitReached, SandboxLimit.FileSize), (written.End, written.Limit));
        Assert.Equal(100_000, harness.Files.Read("big", 1 << 20)!.Length);
    }

    [Fact]
    public async Task Processor_time_over_the_limit_ends_the_program()
    {
        await using var harness = await SandboxHarness.OpenAsync(new SandboxOptions { CpuSeconds = 1 });

        var busy = await harness.PerlAsync("1 while 1");

        Assert.Equal((SandboxEnd.LimitReached, SandboxLimit.ProcessorTime), (busy.End, busy.Limit));
    }

    [Fact]
    public async Task Time_over_the_limit_ends_the_program()
    {
        await using var harness = await SandboxHarness.OpenAsync(new SandboxOptions { Timeout = TimeSpan.FromMilliseconds(200) });

        var slow = await harness.ShellAsync("trap '' TERM; echo before; sleep 1000");

        Assert.Equal((SandboxEnd.TimedOut, SandboxLimit.None), (slow.End, slow.Limit));
        Assert.Equal("before", slow.Output.Text.Trim());
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("yes >&2")]
    public async Task A_flood_of_output_ends_the_program_and_its_beginning_is_kept(string line)
    {
        await using var harness = await SandboxHarness.OpenAsync(new SandboxOptions { OutputBytes = 1_000_000, KeptOutputBytes = 1000 });

        var flood = await harness.ShellAsync(line);

        var stream = flood.Output.Total > 0 ? flood.Output : flood.Error;
        Assert.Equal((SandboxEnd.LimitReached, SandboxLimit.Output), (flood.End, flood.Limit));
        Assert.Equal(string.Concat(Enumerable.Repeat("y\n", 500)), stream.Text);
        Assert.True(stream.IsCut && stream.Total > 1_000_000);
    }

    [Fact]
    public async Task Control_groups_are_gone_with_the_run()
    {
        await using var harness = await SandboxHarness.OpenAsync();

        await harness.ShellAsync("true");

        var left = Directory.Exists("/sys/fs/cgroup")
            ? Directory.EnumerateDirectories("/sys/fs/cgroup", "forge-sandbox-*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
            : [];
        Assert.All(left, group => Assert.True(Directory.Exists("/proc/" + Path.GetFileName(group).Split('-')[2]), group));
    }
}
