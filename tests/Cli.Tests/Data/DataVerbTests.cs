using System.Text.Json;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool;
using Forge.DataPool.Postgres;
using Forge.DataPool.Stores;
using Forge.Hosting.Local;
using Forge.TestKit;

namespace Forge.Cli.Tests.Data;

/// <summary>The verb as a user runs it, on a pool with three trained groups and a running one.</summary>
public sealed class DataVerbTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder.File("run.yaml"), "run:\n  name: kept\n");
        await FillAsync(_folder, new DataPoolOptions { InFlight = 9, Window = 9, GroupsPerBatch = 1 });
    }

    private static async Task FillAsync(TemporaryFolder folder, DataPoolOptions options)
    {
        await using var pool = await DataPoolHost.OpenAsync(folder.File("pool.db"), options, TimeProvider.System, CancellationToken.None);
        for (var index = 0; index < 3; index++)
        {
            var ticket = await TicketAsync(pool);
            foreach (var episode in ticket.Episodes)
            {
                await pool.RecordAsync(Completion(episode), CancellationToken.None).DefaultTimeout();
                await pool.FinishAsync(Result(episode), CancellationToken.None).DefaultTimeout();
            }

            await pool.TakeAsync(CancellationToken.None).DefaultTimeout();
            await pool.AcknowledgeAsync([ticket.Id], new PolicyVersion(index + 1), CancellationToken.None).DefaultTimeout();
        }

        await TicketAsync(pool);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
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
    [Trait("Tier", "integration")]
    public async Task Stopped_run_in_its_own_database_is_read_and_its_server_stopped_again()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder.File("run.yaml"), "run:\n  name: kept\ndata_pool:\n  store: postgres\n  postgres:\n    connection: local\n", TestContext.Current.CancellationToken);
        var server = new LocalPostgres(folder.File("postgres"), TimeProvider.System);
        await server.StartAsync(TestContext.Current.CancellationToken);
        await FillAsync(folder, new DataPoolOptions
        {
            InFlight = 9,
            Window = 9,
            GroupsPerBatch = 1,
            Store = PoolStore.Postgres,
            Postgres = new PostgresOptions { Connection = PostgresOptions.Local },
        });
        await server.StopAsync(PostgresStop.Fast, TestContext.Current.CancellationToken);

        var list = await ForgeProcess.RunAsync(folder.Path, "data", "list", "--json", "--run-dir", folder.Path);
        var batch = await ForgeProcess.RunAsync(folder.Path, "data", "batch", "2", "--json", "--run-dir", folder.Path);

        Assert.True(list.ExitCode == 0, list.Error);
        Assert.Equal(4, JsonDocument.Parse(list.Output).RootElement.GetArrayLength());
        Assert.True(JsonDocument.Parse(batch.Output).RootElement.GetProperty("equal").GetBoolean());
        Assert.Null(server.ProcessId);
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
    public async Task Batch_is_rebuilt_and_a_pruned_one_is_called_changed()
    {
        var whole = JsonDocument.Parse((await RunAsync("batch", "2", "--json")).Output).RootElement;
        Directory.CreateDirectory(_folder.File("checkpoints/step-000002"));
        Directory.CreateDirectory(_folder.File("checkpoints/step-000003"));

        var pruned = JsonDocument.Parse((await RunAsync("prune", "--keep-steps", "1", "--json")).Output).RootElement;
        var changed = await ForgeProcess.RunAsync(_folder.Path, "data", "batch", "2", "--run-dir", _folder.Path);

        Assert.True(whole.GetProperty("equal").GetBoolean());
        Assert.Equal((2, 4), (pruned.GetProperty("last_step").GetInt64(), pruned.GetProperty("completions").GetInt64()));
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains("groups 1 are not what was trained on", changed.Error, StringComparison.Ordinal);
        Assert.True(JsonDocument.Parse((await RunAsync("batch", "3", "--json")).Output).RootElement.GetProperty("equal").GetBoolean());
    }

    [Fact]
    public async Task Nothing_is_pruned_without_a_checkpoint()
        => Assert.Contains("0 completions of steps up to 0", (await RunAsync("prune")).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Rescore_writes_a_new_version_beside_the_recorded_rewards()
    {
        await File.WriteAllTextAsync(_folder.File("other.yaml"), "algorithm:\n  speed_weight: 2\n", TestContext.Current.CancellationToken);

        var first = JsonDocument.Parse((await RunAsync("rescore", "--run", _folder.File("other.yaml"), "--json")).Output).RootElement;
        var second = JsonDocument.Parse((await RunAsync("rescore", "--run", _folder.File("other.yaml"), "--json")).Output).RootElement;

        Assert.Equal((2, 3), (first.GetProperty("version").GetInt32(), second.GetProperty("version").GetInt32()));
        Assert.Equal(6, first.GetProperty("episodes").GetInt32());
        Assert.Equal(1 + (2 * 0.5), first.GetProperty("mean_return").GetDouble(), 6);
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

    private static EpisodeResult Result(EpisodeId episode) => new()
    {
        Episode = episode,
        Status = EpisodeStatus.Completed,
        EndCause = "final_answer",
        Success = true,
        Rewards = [new StepReward(0, 0.5, 1)],
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
