using Dapper;
using Forge.Core.Faults;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.TestKit;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Tests;

public sealed class SqliteEpisodeStoreTests : EpisodeStoreConformance
{
    private readonly TemporaryFolder _folder = new();

    private string PoolPath => _folder.File("pool.db");

    [Fact]
    public void Second_opener_is_told_that_the_file_is_in_use()
    {
        var error = Assert.Throws<ForgeException>(() => SqliteEpisodeStore.Open(PoolPath, TimeProvider.System));

        Assert.Contains("Another process works on", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_folder_is_named()
    {
        var error = Assert.Throws<ForgeException>(() => SqliteEpisodeStore.Open(_folder.File("none/pool.db"), TimeProvider.System));

        Assert.Contains("folder of", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_no_database_is_damaged()
    {
        File.WriteAllText(_folder.File("other.db"), new string('x', 5000));

        var error = Assert.Throws<ForgeException>(() => SqliteEpisodeStore.Open(_folder.File("other.db"), TimeProvider.System));

        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_after_a_crash_is_found_at_opening()
    {
        var path = _folder.File("crashed.db");
        await using (var store = SqliteEpisodeStore.Open(path, TimeProvider.System))
        {
            await store.ConsumeAsync([]);
        }

        Damage(path);

        var error = Assert.Throws<ForgeException>(() => SqliteEpisodeStore.Open(path, TimeProvider.System));

        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Newer_schema_asks_for_the_newer_program()
    {
        var path = _folder.File("newer.db");
        await SqliteEpisodeStore.Open(path, TimeProvider.System).DisposeAsync();
        Execute(path, "PRAGMA user_version = 99");

        var error = Assert.Throws<ForgeException>(() => SqliteEpisodeStore.Open(path, TimeProvider.System));

        Assert.Contains("has schema 99", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Foreign_database_is_left_alone()
    {
        var path = _folder.File("foreign.db");
        Execute(path, "CREATE TABLE notes (text TEXT)");

        var error = Assert.Throws<ForgeException>(() => SqliteEpisodeStore.Open(path, TimeProvider.System));

        Assert.Contains("not a Forge pool", error.Message, StringComparison.Ordinal);
    }

    protected override Task<IEpisodeStore> OpenAsync()
        => Task.FromResult<IEpisodeStore>(SqliteEpisodeStore.Open(PoolPath, TimeProvider.System));

    protected override Task CleanUpAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        Array.Fill(bytes, (byte)0xA5, 4096, bytes.Length - 4096);
        File.WriteAllBytes(path, bytes);
        File.WriteAllText(path + "-wal", "cut short");
    }

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Execute(sql);
    }
}
