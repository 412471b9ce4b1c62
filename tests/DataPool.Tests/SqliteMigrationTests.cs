using System.IO.Compression;
using Dapper;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.TestKit;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Tests;

/// <summary>Opens a file that an earlier Forge wrote: groups 0 (trained) and 1 (finished), and 2 with one place attempted again.</summary>
public sealed class SqliteMigrationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string PoolPath => _folder.File("pool.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_brings_an_older_file_up_to_date_and_reads_its_rows()
    {
        Unpack();

        await using var store = SqliteEpisodeStore.Open(PoolPath, TimeProvider.System);
        var snapshot = await store.LoadAsync(CancellationToken.None).DefaultTimeout();
        var group = await store.ReadGroupAsync(new GroupId(1), CancellationToken.None).DefaultTimeout();

        Assert.Equal([true, false], snapshot.InFlight.Select(stored => stored.IsFinished));
        Assert.Equal("g2-e0-a1", snapshot.InFlight[1].Episodes[0].Id.Value);
        Assert.Equal([new GroupId(0)], await store.ReadStepAsync(new PolicyVersion(1), CancellationToken.None));
        Assert.All(group.Episodes, episode =>
        {
            Assert.Equal(SampleData.Result(episode.Id, 2).Rewards, episode.Result.Rewards);
            Assert.Equal(
                Enumerable.Range(0, 2).Select(turn => SampleData.Flatten(SampleData.Completion(episode.Id, turn))),
                episode.Completions.Select(SampleData.Flatten));
        });
    }

    [Fact]
    public async Task Older_file_is_kept_whole_beside_the_new_one()
    {
        Unpack();

        await SqliteEpisodeStore.Open(PoolPath, TimeProvider.System).DisposeAsync();
        await SqliteEpisodeStore.Open(PoolPath, TimeProvider.System).DisposeAsync();

        Assert.Equal(1, Read(PoolPath + ".schema1", "PRAGMA user_version"));
        Assert.Equal(8, Read(PoolPath + ".schema1", "SELECT COUNT(*) FROM rewards"));
        Assert.Equal(3, Read(PoolPath, "PRAGMA user_version"));
        Assert.False(File.Exists(PoolPath + ".schema3"));
    }

    [Fact]
    public async Task Migration_that_fails_leaves_the_file_as_it_was_and_the_copy_beside_it()
    {
        Unpack();
        Execute(PoolPath, "ALTER TABLE episodes ADD COLUMN worker TEXT NOT NULL DEFAULT 'in the way'");

        Assert.ThrowsAny<Exception>(() => SqliteEpisodeStore.Open(PoolPath, TimeProvider.System));

        Assert.Equal(1, Read(PoolPath, "PRAGMA user_version"));
        Assert.Equal(0, Read(PoolPath, "SELECT COUNT(*) FROM pragma_table_info('episodes') WHERE name = 'failures'"));
        Assert.Equal(8, Read(PoolPath, "SELECT COUNT(*) FROM rewards"));
        Assert.Equal(8, Read(PoolPath + ".schema1", "SELECT COUNT(*) FROM rewards"));

        Execute(PoolPath, "ALTER TABLE episodes DROP COLUMN worker");
        await SqliteEpisodeStore.Open(PoolPath, TimeProvider.System).DisposeAsync();

        Assert.Equal(3, Read(PoolPath, "PRAGMA user_version"));
    }

    [Fact]
    public async Task Rows_of_both_schemas_stand_beside_each_other()
    {
        Unpack();
        await using var store = SqliteEpisodeStore.Open(PoolPath, TimeProvider.System);
        foreach (var episode in (await store.LoadAsync(CancellationToken.None)).InFlight[1].Episodes.Select(attempt => attempt.Id))
        {
            await store.AddCompletionAsync(SampleData.Completion(episode, 0)).DefaultTimeout();
            await store.AddResultAsync(SampleData.Result(episode, 1)).DefaultTimeout();
        }

        var entries = new[]
        {
            BatchEntry.Of(await store.ReadGroupAsync(new GroupId(1), CancellationToken.None).DefaultTimeout()),
            BatchEntry.Of(await store.ReadGroupAsync(new GroupId(2), CancellationToken.None).DefaultTimeout()),
        };
        await store.TrainAsync(new BatchManifest(new PolicyVersion(2), [.. entries])).DefaultTimeout();

        Assert.Equal([(4L, 5L), (4L, 5L)], entries.Select(entry => (entry.OldestVersion, entry.NewestVersion)));
        Assert.Empty((await store.LoadAsync(CancellationToken.None)).InFlight);
    }

    [Fact]
    public void Recorded_pool_refuses_an_older_file_and_says_what_to_do()
    {
        Unpack();

        var error = Assert.Throws<ForgeException>(() => RecordedPool.Open(PoolPath));

        Assert.Contains("has schema 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("Resume a copy", error.Message, StringComparison.Ordinal);
    }

    private static long Read(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False;Mode=ReadOnly");
        return connection.ExecuteScalar<long>(sql);
    }

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Execute(sql);
    }

    private void Unpack()
    {
        using var packed = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "schema1.db.gz")), CompressionMode.Decompress);
        using var file = File.Create(PoolPath);
        packed.CopyTo(file);
    }
}
