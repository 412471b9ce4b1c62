using System.Text.Json;
using Forge.TestKit;

namespace Forge.Cli.Tests;

[Trait("Tier", "integration")]
public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("trian", "unknown verb 'trian'; the nearest is 'train'")]
    [InlineData("train --stepz", "unknown option '--stepz'; the nearest is '--steps'")]
    [InlineData("bench rollot", "unknown verb 'rollot'; the nearest is 'rollout'")]
    [InlineData("bench tree --trees group-9", "there is no tree 'group-9'")]
    [InlineData("bench tree --record step.gz", "give the pool.db with --pool")]
    [InlineData("train --steps many", "--steps")]
    [InlineData("train --device tpu", "tpu")]
    [InlineData("train --set steps", "expected KEY=VALUE")]
    [InlineData("train --set trainer.learning_rte=1", "the nearest known key is 'trainer.learning_rate'")]
    [InlineData("train --set trainer.learning_rate=fast", "'fast' is not a number in [0, 1]")]
    [InlineData("train --set agent_side.environment.name=recods", "the nearest is 'records'")]
    [InlineData("train --set gateway.context_length=100000", "more than rollout.max_context")]
    [InlineData("train --set data_pool.in_flight=1", "Raise in_flight")]
    [InlineData("train --set trainer.merge=tre", "one of tree, episode, none; the nearest is 'tree'")]
    [InlineData("train --set algorithm.loss=grop", "one of cispo, grpo, dr_grpo, dapo, gspo, reinforce; the nearest is 'grpo'")]
    [InlineData("train --set algorithm.loss=grpo --set algorithm.epsilon_cap=5", "only cispo has a cap")]
    [InlineData("train --set algorithm.router_replay=true --set rollout.record_routing=false", "set it to true")]
    [InlineData("train --run absent.yaml", "absent.yaml")]
    [InlineData("train --resume", "no run to resume")]
    [InlineData("train --resume --run-dir nowhere", "no run.yaml")]
    [InlineData("train --replay absent.db", "There is no recorded pool 'absent.db'")]
    [InlineData("train --replay", "--replay")]
    [InlineData("train --evaluate", "--evaluate belongs to --replay")]
    [InlineData("train --rewards v2", "--rewards v2 belongs to --replay")]
    [InlineData("train --from-step 2", "--from-step 2 belongs to --replay")]
    [InlineData("up absent.yaml", "absent.yaml")]
    [InlineData("ps", "There is no run in")]
    [InlineData("stop --run-dir nowhere", "no run.yaml")]
    [InlineData("", "Required command")]
    public async Task Wrong_usage_says_what_is_wrong_and_exits_with_2(string arguments, string message)
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("eval --checkpoint nowhere", "'nowhere' does not exist")]
    [InlineData("bench tree --pool nowhere.db", "no recorded pool")]
    [InlineData("chat --checkpoint nowhere", "'nowhere' does not exist")]
    [InlineData("train --set model.checkpoint=nowhere", "'nowhere' does not exist")]
    public async Task A_failure_says_what_is_wrong_and_exits_with_1(string arguments, string message)
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, arguments.Split(' '));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_file_that_is_no_pool_is_not_replayed()
    {
        await File.WriteAllTextAsync(_folder.File("nonsense.db"), new string('x', 5000), TestContext.Current.CancellationToken);

        var result = await ForgeProcess.RunAsync(_folder.Path, "train", "--replay", "nonsense.db", "--run-dir", "run");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("is no SQLite database", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("run")));
    }

    [Fact]
    public async Task A_replay_does_not_write_into_the_run_that_it_replays()
    {
        Directory.CreateDirectory(_folder.File("old"));
        await File.WriteAllTextAsync(_folder.File("old/pool.db"), "", TestContext.Current.CancellationToken);

        var result = await ForgeProcess.RunAsync(_folder.Path, "train", "--replay", "old", "--run-dir", "old");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("is the recorded run itself", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_file_with_several_mistakes_gets_all_of_them_named()
    {
        await File.WriteAllTextAsync(_folder.File("bad.yaml"), "trainer:\n  stepz: 3\n  learning_rate: 7\nmodle: {}\n", TestContext.Current.CancellationToken);

        var result = await ForgeProcess.RunAsync(_folder.Path, "train", "--run", "bad.yaml");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("bad.yaml:2: trainer.stepz: unknown key; the nearest known key is 'trainer.steps'", result.Error, StringComparison.Ordinal);
        Assert.Contains("bad.yaml:3: trainer.learning_rate: '7' is not a number in [0, 1]", result.Error, StringComparison.Ordinal);
        Assert.Contains("bad.yaml:4: modle: unknown section; the nearest known section is 'model'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dry_run_prints_a_run_file_that_means_the_same()
    {
        var first = await ForgeProcess.RunAsync(_folder.Path, "train", "--dry-run", "--seed", "7", "--steps", "3", "--device", "cuda", "--set", "trainer.clip_norm=0.5");
        await File.WriteAllTextAsync(_folder.File("resolved.yaml"), first.Output, TestContext.Current.CancellationToken);

        var second = await ForgeProcess.RunAsync(_folder.Path, "train", "--dry-run", "--run", "resolved.yaml");

        Assert.Equal(0, first.ExitCode);
        Assert.Equal(first.Output, second.Output);
        foreach (var line in (string[])["  seed: 7\n", "  steps: 3\n", "  device: cuda\n", "  clip_norm: 0.5\n"])
        {
            Assert.Contains(line, first.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("configs/quickstart.yaml", "train")]
    [InlineData("configs/base.yaml", "sft")]
    [InlineData("configs/distributed.yaml", "up")]
    public async Task Shipped_run_files_are_valid(string file, string verb)
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, verb, "--dry-run", "--run", Path.Combine(Root(), file));

        Assert.True(result.ExitCode == 0, result.Error);
    }

    [Fact]
    public async Task Doctor_reports_one_object_for_machines()
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, "doctor", "--json");

        var findings = JsonDocument.Parse(result.Output).RootElement.GetProperty("findings").EnumerateArray()
            .ToDictionary(finding => finding.GetProperty("check").GetString()!, finding => finding.GetProperty("verdict").GetString());
        Assert.Equal("good", findings["libtorch"]);
        Assert.Equal("good", findings["cpu arithmetic"]);
        Assert.Equal("good", findings["OpenMP"]);
    }

    [Fact]
    public async Task Help_lists_every_verb()
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, "--help");

        Assert.Equal(0, result.ExitCode);
        foreach (var verb in (string[])["train", "up", "ps", "status", "logs", "stop", "resume", "sft", "eval", "chat", "env", "bench", "doctor", "test"])
        {
            Assert.Contains($"\n  {verb} ", result.Output, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Forge.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
