using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Forge.TestKit;

namespace Forge.Sandbox.Tests;

public sealed class ProcessEscapeTests
{
    [Fact]
    public async Task Proc_shows_only_the_sandbox()
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var seen = await harness.ShellAsync("ls -d /proc/[0-9]* | wc -l; cat /proc/[0-9]*/cmdline | tr '\\0' ' '");

        var lines = seen.Output.Text.Split('\n', 2);
        Assert.InRange(int.Parse(lines[0], CultureInfo.InvariantCulture), 2, 5);
        Assert.DoesNotContain("dotnet", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(harness.Files.Folder, lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cat /proc/1/environ")]
    [InlineData("ls /proc/1/root/")]
    [InlineData("ls /proc/1/fd/")]
    [InlineData("echo 1 > /proc/sys/kernel/panic")]
    [InlineData("echo x > /proc/sys/kernel/core_pattern")]
    [InlineData("kill -9 1 && test -d /proc/1 && false")]
    public async Task Proc_gives_no_hold_on_the_first_process_or_the_kernel(string attempt)
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var tried = await harness.ShellAsync(attempt);

        Assert.Equal(SandboxEnd.Exited, tried.End);
        Assert.NotEqual(0, tried.ExitCode);
        Assert.Equal("", tried.Output.Text);
    }

    [Fact]
    public async Task Ptrace_of_an_own_child_is_refused()
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var tried = await harness.PerlAsync($"$p = fork(); if (!$p) {{ sleep 100 }} print syscall({Number(101, 117)}, 16, $p, 0, 0), ' ', $!+0; kill 9, $p");

        Assert.Equal("-1 1", tried.Output.Text);
    }

    [Theory]
    [InlineData("mount", 165, 40)]
    [InlineData("umount2", 166, 39)]
    [InlineData("pivot_root", 155, 41)]
    [InlineData("chroot", 161, 51)]
    [InlineData("unshare", 272, 97)]
    [InlineData("setns", 308, 268)]
    [InlineData("kexec_load", 246, 104)]
    [InlineData("bpf", 321, 280)]
    [InlineData("keyctl", 250, 219)]
    [InlineData("add_key", 248, 217)]
    [InlineData("userfaultfd", 323, 282)]
    [InlineData("perf_event_open", 298, 241)]
    [InlineData("process_vm_readv", 310, 270)]
    [InlineData("io_uring_setup", 425, 425)]
    [InlineData("open_tree", 428, 428)]
    [InlineData("fsopen", 430, 430)]
    [InlineData("mount_setattr", 442, 442)]
    [InlineData("pidfd_getfd", 438, 438)]
    [InlineData("open_by_handle_at", 304, 265)]
    [InlineData("clock_settime", 227, 112)]
    public async Task System_calls_that_reach_further_are_refused(string name, int x64, int arm64)
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var tried = await harness.PerlAsync($"print syscall({Number(x64, arm64)}, 0, 0, 0, 0, 0), ' ', $!+0");

        Assert.True(tried.Output.Text == "-1 1", $"{name} ended with '{tried.Output.Text}'.");
    }

    [Theory]
    [InlineData(0x10000000L)]
    [InlineData(0x00020000L)]
    [InlineData(0x40000000L)]
    public async Task Clone_makes_no_namespaces(long kind)
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var tried = await harness.PerlAsync($"print syscall({Number(56, 220)}, {kind} + 17, 0, 0, 0, 0), ' ', $!+0; print ' ', syscall(435, 0, 0), ' ', $!+0");

        Assert.Equal("-1 1 -1 38", tried.Output.Text);
    }

    [Fact]
    public async Task Processes_that_were_left_behind_end_with_the_run()
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var run = await harness.ShellAsync($"for i in 1 2 3; do setsid perl -e '$SIG{{TERM}}=$SIG{{HUP}}=\"IGNORE\"; fork; sleep 1000' {harness.Marker} & done; echo started");

        Assert.Equal("started", run.Output.Text.Trim());
        Assert.Equal(SandboxEnd.Exited, run.End);
        Assert.Empty(HostProcesses.With(harness.Marker));
    }

    [Fact]
    public async Task A_cancelled_run_is_over_when_the_exception_arrives()
    {
        using var folder = new TemporaryFolder();
        using var gateway = GatewayDouble.OnSocketFile(folder.File("gateway.sock"));
        await using var harness = await SandboxHarness.OpenAsync(gateway: folder.File("gateway.sock"));
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var command = new SandboxCommand { Words = ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080; echo up >&3; sleep 1000 & sleep 1000", harness.Marker] };

        var running = harness.Sandbox.RunAsync(command, cancelling.Token);
        await gateway.AnswerOnceAsync("");
        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.DefaultTimeout());
        Assert.Empty(HostProcesses.With(harness.Marker));
    }

    [Fact]
    public async Task A_killed_helper_takes_the_sandbox_with_it()
    {
        using var folder = new TemporaryFolder();
        using var gateway = GatewayDouble.OnSocketFile(folder.File("gateway.sock"));
        await using var harness = await SandboxHarness.OpenAsync(gateway: folder.File("gateway.sock"));
        var running = harness.RunAsync("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080; echo up >&3; sleep 1000", harness.Marker);
        await gateway.AnswerOnceAsync("");
        var processes = HostProcesses.With(harness.Marker).Select(Process.GetProcessById).ToList();
        var helper = processes.First(process => HostProcesses.CommandLine(process.Id).Contains("--report", StringComparison.Ordinal));

        helper.Kill();

        await Assert.ThrowsAnyAsync<Core.Faults.ForgeException>(() => running);
        foreach (var process in processes)
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).DefaultTimeout();
            process.Dispose();
        }
    }

    private static int Number(int x64, int arm64) => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? arm64 : x64;
}
