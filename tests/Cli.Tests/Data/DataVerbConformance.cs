using System.Text.Json;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool;
using Forge.TestKit;

namespace Forge.Cli.Tests.Data;

/// <summary>The verb as a user runs it, on a pool with three trained groups and a running one, wherever the pool is kept.</summary>
public abstract class DataVerbConformance : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>What the run file says about the pool.</summary>
    protected abstract DataPoolOptions Pool { get; }

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(
            _folder.File("run.yaml"),
            $"""
            run:
              name: kept
            algorithm:
              speed_weight: 1
            trainer:
              evaluate_every: 0
            data_pool:
              store: {Pool.Store.ToString().ToLowerInvariant()}
              in_flight: 9
              groups_per_batch: 1
              postgres:
                connection: "{Pool.Postgres.Connection}"
                run: "{Pool.Postgres.Run}"

            """);
        await FillAsync(_folder, Pool);
    }

    private protected static async Task FillAsync(TemporaryFolder folder, DataPoolOptions options)
    {
        await using var pool = await DataPoolHost.OpenAsync(folder.File("pool.db"), options, TimeProvider.System, CancellationToken.None);
        for (var index = 0; index < 3; index++)
        {
            var ticket = await TicketAsync(pool);
            foreach (var episode in ticket.Episodes)
            {
                await pool.RecordAsync(Completion(episode), CancellationToken.None).DefaultTimeout();
                await pool.FinishAsync(Result(episode, success: episode == ticket.Episodes[0]), CancellationToken.None).DefaultTimeout();
            }

            await pool.TakeAsync(CancellationToken.None).DefaultTimeout();
            await pool.AcknowledgeAsync([ticket.Id], new PolicyVersion(index + 1), CancellationToken.None).DefaultTimeout();
        }

        await TicketAsync(pool);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task List_has_a_line_per_group()
    {
        var groups = JsonDocument.Parse((await RunAsync("list", "--json")).Output).RootElement;

        Assert.Equal(["trained", "trained", "trained", "running"], groups.EnumerateArray().Select(group => group.GetProperty("state").GetString()!));
        Assert.Contains("trained", (await RunAsync("list", "--limit", "1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_has_every_call_of_a_group()
    {
        var episodes = JsonDocument.Parse((await RunAsync("show", "1", "--json")).Output).RootElement;
        var text = (await RunAsync("show", "1")).Output;

        Assert.Equal(["g1-e0", "g1-e1"], episodes.EnumerateArray().Select(episode => episode.GetProperty("episode").GetString()!));
        Assert.Contains("call 0: 2 + 2 tokens, process 0, speed 0.5, outcome 1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_writes_an_episode_per_line()
    {
        await RunAsync("export", "--output", _folder.File("out.jsonl"));

        var lines = await File.ReadAllLinesAsync(_folder.File("out.jsonl"), TestContext.Current.CancellationToken);

        Assert.Equal(6, lines.Length);
        Assert.Equal(
            [5, 6], JsonDocument.Parse(lines[0]).RootElement.GetProperty("completions")[0].GetProperty("response_ids").EnumerateArray().Select(id => id.GetInt32()));
    }

    [Fact]
    public async Task Batch_is_rebuilt_and_a_pruned_one_is_refused()
    {
        var whole = JsonDocument.Parse((await RunAsync("batch", "2", "--json")).Output).RootElement;
        Checkpoints(2, 3);

        var trial = JsonDocument.Parse((await RunAsync("prune", "--keep-steps", "1", "--dry-run", "--json")).Output).RootElement;
        var pruned = JsonDocument.Parse((await RunAsync("prune", "--keep-steps", "1", "--json")).Output).RootElement;
        var refused = await ForgeProcess.RunAsync(_folder.Path, "data", "batch", "2", "--run-dir", _folder.Path);

        Assert.True(whole.GetProperty("equal").GetBoolean());
        Assert.All([trial, pruned], report => Assert.Equal(
            (2, 4, 4 * (4 + 4 + 8 + 16)),
            (report.GetProperty("last_step").GetInt64(), report.GetProperty("completions").GetInt64(), report.GetProperty("bytes").GetInt64())));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Group 1 was pruned", refused.Error, StringComparison.Ordinal);
        Assert.True(JsonDocument.Parse((await RunAsync("batch", "3", "--json")).Output).RootElement.GetProperty("equal").GetBoolean());
        Assert.Contains("trained, pruned", (await RunAsync("list")).Output, StringComparison.Ordinal);
        var export = await RunAsync("export");
        Assert.Equal(2, export.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("2 groups are left out", export.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2", 1, "they are not older than step 2")]
    [InlineData("9", 2, "resumed from its oldest checkpoint (step 2)")]
    [InlineData("1h", 0, "they are not older than 1h")]
    [InlineData("1ms", 2, "resumed from its oldest checkpoint (step 2)")]
    [InlineData("9 --keep-steps 2", 1, "the newest 2 steps stay")]
    public async Task Prune_takes_what_is_old_enough_and_says_what_keeps_the_rest(string age, int last, string because)
    {
        Checkpoints(2, 3);

        var report = JsonDocument.Parse((await RunAsync(["prune", "--dry-run", "--json", "--older-than", .. age.Split(' ')])).Output).RootElement;

        Assert.Equal(last, report.GetProperty("last_step").GetInt32());
        Assert.Contains(because, report.GetProperty("kept_because").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prune_refuses_an_age_that_is_none()
    {
        var refused = await ForgeProcess.RunAsync(_folder.Path, "data", "prune", "--older-than", "yesterday", "--run-dir", _folder.Path);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--older-than is 'yesterday'", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_pruned_without_a_checkpoint()
        => Assert.Contains("0 completions of steps up to 0", (await RunAsync("prune")).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Rescored_rewards_are_a_new_version_that_a_replay_takes()
    {
        await File.WriteAllTextAsync(_folder.File("other.yaml"), "algorithm:\n  speed_weight: 2\n", TestContext.Current.CancellationToken);

        var first = JsonDocument.Parse((await RunAsync("rescore", "--run", _folder.File("other.yaml"), "--json")).Output).RootElement;
        var second = JsonDocument.Parse((await RunAsync("rescore", "--run", _folder.File("other.yaml"), "--json")).Output).RootElement;
        var recorded = await ReplayAsync("recorded");
        var rescored = await ReplayAsync("rescored", "--rewards", "v3");
        var unknown = await ForgeProcess.RunAsync(_folder.Path, "train", "--replay", _folder.Path, "--run-dir", _folder.File("none"), "--rewards", "v4");

        Assert.Equal((2, 3), (first.GetProperty("version").GetInt32(), second.GetProperty("version").GetInt32()));
        Assert.Equal(6, first.GetProperty("episodes").GetInt32());
        Assert.Equal(0.5 + (2 * 0.5), first.GetProperty("mean_return").GetDouble(), 6);
        Assert.Equal([1.0, 1.0, 1.0], recorded);
        Assert.Equal([1.5, 1.5, 1.5], rescored);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("Known are v1, v2, v3", unknown.Error, StringComparison.Ordinal);
    }

    // The mean return of each step.
    private async Task<double[]> ReplayAsync(string name, params string[] more)
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, ["train", "--replay", _folder.Path, "--run-dir", _folder.File(name), "--plain", .. more]);
        Assert.True(result.ExitCode == 0, result.Error);
        return
        [
            .. (await File.ReadAllLinesAsync(_folder.File($"{name}/metrics.jsonl"), TestContext.Current.CancellationToken))
                .Select(line => JsonDocument.Parse(line).RootElement)
                .Where(line => line.TryGetProperty("reward/mean", out _)).Select(line => line.GetProperty("reward/mean").GetDouble()),
        ];
    }

    private void Checkpoints(params int[] steps)
    {
        foreach (var step in steps)
        {
            Directory.CreateDirectory(_folder.File($"checkpoints/step-{step:D6}"));
        }
    }

    private static Task<GroupTicket> TicketAsync(IGroupDispatcher pool)
        => pool.DispatchAsync(
            id => new TaskReference(new TaskId($"records/train/1/{id}"), "records", TaskSplit.Train, 1, (ulong)id.Value), 2, CancellationToken.None).DefaultTimeout();

    private static Completion Completion(EpisodeId episode) => new()
    {
        Id = new CompletionId($"{episode}/0"),
        Episode = episode,
        Turn = 0,
        PromptIds = [1, 2],
        ResponseIds = [5, 6],
        PolicyLogProbs = [-1, -2],
        BehaviorLogProbs = [-1, -2],
        TokenVersions = [0, 0],
        OldestKvVersion = PolicyVersion.Initial,
        Sampling = new SamplingParameters(),
        FinishReason = FinishReason.Stop,
        Timings = new CompletionTimings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0),
    };

    private static EpisodeResult Result(EpisodeId episode, bool success) => new()
    {
        Episode = episode,
        Status = EpisodeStatus.Completed,
        EndCause = "final_answer",
        Success = success,
        Rewards = [new StepReward(0, 0.5, success ? 1 : 0)],
        ToolCalls = 0,
        ToolErrors = 0,
        Elapsed = TimeSpan.Zero,
    };

    private async Task<ForgeResult> RunAsync(params string[] arguments)
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, ["data", .. arguments, "--run-dir", _folder.Path]);
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }
}
