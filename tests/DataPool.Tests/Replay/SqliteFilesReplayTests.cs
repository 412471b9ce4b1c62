using Dapper;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Replay;
using Forge.DataPool.Sqlite;
using Forge.TestKit;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Tests.Replay;

public sealed class SqliteFilesReplayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string PoolPath => _folder.File("pool.db");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replay_leaves_the_recording_as_it_is(bool crashed)
    {
        var store = await RecordAsync(keepOpen: crashed);
        var copy = _folder.File("copy.db");
        File.Copy(PoolPath, copy);
        if (crashed)
        {
            File.Copy(PoolPath + "-wal", copy + "-wal");
            await store!.DisposeAsync();
        }

        var before = Bytes(copy);

        await using (var pool = RecordedPool.Open(copy))
        {
            var run = await OpenAsync(pool);
            var group = await run.TakeAsync(TestContext.Current.CancellationToken);
            await run.SkipAsync(group.Id, "flat", TestContext.Current.CancellationToken);
            await run.AcknowledgeAsync([group.Id], new PolicyVersion(1), TestContext.Current.CancellationToken);
            Assert.Equal(2, run.Steps.Length);
        }

        Assert.Equal(before, Bytes(copy));
        Assert.True(crashed == (before.Length > new FileInfo(copy).Length), "The log of a crash must be part of what is compared.");
    }

    [Fact]
    public async Task A_pool_that_a_process_works_on_is_not_replayed_and_replays_share_one()
    {
        await using (await RecordAsync(keepOpen: true))
        {
            await AssertRefusedAsync(PoolPath, "Another process works on");
        }

        await using var first = RecordedPool.Open(PoolPath);
        await using var second = RecordedPool.Open(PoolPath);
        Assert.Equal((await OpenAsync(first)).Steps.Length, (await OpenAsync(second)).Steps.Length);
    }

    [Fact]
    public async Task What_is_no_recording_is_named()
    {
        await File.WriteAllTextAsync(_folder.File("text.db"), new string('x', 5000), TestContext.Current.CancellationToken);
        Execute(_folder.File("foreign.db"), "CREATE TABLE notes (text TEXT)");
        await SqliteEpisodeStore.Open(_folder.File("empty.db"), TimeProvider.System).DisposeAsync();
        await SqliteEpisodeStore.Open(_folder.File("newer.db"), TimeProvider.System).DisposeAsync();
        Execute(_folder.File("newer.db"), "PRAGMA user_version = 99");

        await AssertRefusedAsync(_folder.File("absent.db"), "There is no recorded pool");
        await AssertRefusedAsync(_folder.File("text.db"), "is no SQLite database");
        await AssertRefusedAsync(_folder.File("foreign.db"), "not a Forge pool");
        await AssertRefusedAsync(_folder.File("empty.db"), "no trained step to replay");
        await AssertRefusedAsync(_folder.File("newer.db"), "schema 99");
    }

    public void Dispose() => _folder.Dispose();

    private static Task<RecordedRun> OpenAsync(RecordedPool pool)
        => RecordedRun.OpenAsync(
            pool, new ReplayLimits(int.MaxValue, int.MaxValue), new ReplayChoice(), TestContext.Current.CancellationToken).DefaultTimeout();

    private static async Task AssertRefusedAsync(string path, string message)
    {
        var error = await Assert.ThrowsAsync<ForgeException>(async () =>
        {
            await using var pool = RecordedPool.Open(path);
            await OpenAsync(pool);
        });

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Groups 0 to 4: step 1 trains 1 and 0, and skips 2; step 2 is lost in a crash with group 3 and then trains 4; 3 stays behind.</summary>
    private async Task<SqliteEpisodeStore?> RecordAsync(bool keepOpen = false)
    {
        var store = SqliteEpisodeStore.Open(PoolPath, TimeProvider.System);
        var pool = await DataPool.OpenAsync(
            store, new DataPoolOptions { InFlight = 8, Window = 8, GroupsPerBatch = 2, MaxStaleness = 8 }, TimeProvider.System, CancellationToken.None);
        for (var index = 0; index < 5; index++)
        {
            var ticket = await pool.DispatchAsync(id => SampleData.Task(id.Value), 1, CancellationToken.None).DefaultTimeout();
            var completion = SampleData.Completion(ticket.Episodes[0], turn: 0) with { PromptIds = [7, 8, 9] };
            await pool.RecordAsync(completion, CancellationToken.None).DefaultTimeout();
            await pool.FinishAsync(SampleData.Result(ticket.Episodes[0], turns: 1), CancellationToken.None).DefaultTimeout();
        }

        for (var index = 0; index < 5; index++)
        {
            await pool.TakeAsync(CancellationToken.None).DefaultTimeout();
        }

        await pool.SkipAsync(new GroupId(2), "flat", CancellationToken.None).DefaultTimeout();
        await pool.AcknowledgeAsync([new GroupId(1), new GroupId(0)], new PolicyVersion(1), CancellationToken.None).DefaultTimeout();
        await pool.AcknowledgeAsync([new GroupId(3)], new PolicyVersion(2), CancellationToken.None).DefaultTimeout();
        await pool.RecoverAsync(new PolicyVersion(1), CancellationToken.None).DefaultTimeout();
        await pool.AcknowledgeAsync([new GroupId(4)], new PolicyVersion(2), CancellationToken.None).DefaultTimeout();
        if (keepOpen)
        {
            return store;
        }

        await pool.DisposeAsync();
        return null;
    }

    private static byte[] Bytes(string path) => [.. File.ReadAllBytes(path), .. File.Exists(path + "-wal") ? File.ReadAllBytes(path + "-wal") : []];

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Execute(sql);
    }
}
