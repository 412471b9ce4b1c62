using System.Diagnostics;
using Forge.TestKit;

namespace Forge.Cli.Tests.Runs;

/// <summary>A run in one process whose disk is full for a while: pool, checkpoints and logs are on a small file system in memory.</summary>
[Trait("Tier", "long")]
public sealed class FullDiskTests : IAsyncLifetime
{
    private const string Size = "512m";

    private static readonly string[] Small =
    [
        "--plain", "--set", "trainer.evaluate_every=0", "--set", "agent_side.evaluation.tasks_per_level=1",
        "--set", "data_pool.groups_per_batch=2", "--set", "data_pool.in_flight=4",
    ];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Disk => _folder.File("disk");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can mount a small disk");
        Directory.CreateDirectory(Disk);
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={Size}", "forge-test", Disk);
    }

    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(Disk))
        {
            await RunAsync("umount", "-l", Disk);
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task A_run_ends_with_the_reason_and_is_resumed_once_there_is_room()
    {
        using var run = ForgeProcess.Start(_folder.Path, ["train", "--run-dir", Path.Combine(Disk, "run"), .. Small]);
        await UntilStepAsync(run, 3).ProcessTimeout();

        Fill();
        var ended = await run.EndAsync();
        File.Delete(Path.Combine(Disk, "filler"));
        using var again = ForgeProcess.Start(_folder.Path, "train", "--resume", "--run-dir", Path.Combine(Disk, "run"), "--plain");
        var resumed = await UntilStepAsync(again, 3).ProcessTimeout();
        again.Interrupt();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(Disk, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        Assert.True(resumed >= 3, $"went on at step {resumed}");
        Assert.Equal(130, (await again.EndAsync()).ExitCode);
    }

    // Everything there is, again and again: what rotating and deleting frees is taken too.
    private void Fill()
    {
        using var filler = new FileStream(Path.Combine(Disk, "filler"), FileMode.Create);
        var block = new byte[1 << 16];
        try
        {
            while (true)
            {
                filler.Write(block);
                filler.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    // Returns the first step that it sees, at or after the one that is waited for.
    private static async Task<int> UntilStepAsync(ForgeProcess run, int step)
    {
        while (await run.Output.ReadLineAsync(Token) is { } line)
        {
            if (System.Text.RegularExpressions.Regex.Match(line, "step +([0-9]+)/") is { Success: true } match && int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) is var seen && seen >= step)
            {
                return seen;
            }
        }

        throw new InvalidOperationException($"The run ended before step {step}: {await run.ErrorAsync()}");
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(command[0], command.Skip(1));
        await process.WaitForExitAsync(Token).DefaultTimeout();
        Assert.Equal(0, process.ExitCode);
    }
}
