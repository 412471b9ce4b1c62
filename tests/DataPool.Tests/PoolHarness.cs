using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Hot;
using Forge.DataPool.Sqlite;
using Forge.TestKit;

namespace Forge.DataPool.Tests;

/// <summary>One pool.db, opened and reopened, with the few moves that tests are made of.</summary>
internal sealed class PoolHarness : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DataPoolOptions _options;

    private PoolHarness(DataPoolOptions options) => _options = options;

    public ManualTimeProvider Time { get; } = new();

    public DataPool Pool { get; private set; } = null!;

    public string Path => _folder.File("pool.db");

    public static async Task<PoolHarness> StartAsync(DataPoolOptions options)
    {
        var harness = new PoolHarness(options);
        await harness.OpenAsync();
        return harness;
    }

    /// <param name="shown">What a hot state still knows of the pool's life before.</param>
    public async Task ReopenAsync(HotWindow? shown = null)
    {
        await Pool.DisposeAsync();
        await OpenAsync(shown);
    }

    public Task<GroupTicket> DispatchAsync(int episodes = 1)
        => Pool.DispatchAsync(id => SampleData.Task(id.Value), episodes, CancellationToken.None);

    /// <summary>Runs every episode of a ticket: one turn each.</summary>
    public async Task FinishAsync(GroupTicket ticket)
    {
        foreach (var episode in ticket.Episodes)
        {
            await FinishAsync(episode);
        }
    }

    public async Task FinishAsync(EpisodeId episode)
    {
        await Pool.RecordAsync(SampleData.Completion(episode, turn: 0), CancellationToken.None).DefaultTimeout();
        await Pool.FinishAsync(SampleData.Result(episode, turns: 1), CancellationToken.None).DefaultTimeout();
    }

    public Task<Group> TakeAsync() => Pool.TakeAsync(CancellationToken.None).DefaultTimeout();

    public Task AcknowledgeAsync(long published, params long[] groups)
        => Pool.AcknowledgeAsync([.. groups.Select(id => new GroupId(id))], new PolicyVersion(published), CancellationToken.None).DefaultTimeout();

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        _folder.Dispose();
    }

    private async Task OpenAsync(HotWindow? shown = null)
        => Pool = await DataPool.OpenAsync(SqliteEpisodeStore.Open(Path, Time), _options, Time, shown, CancellationToken.None).DefaultTimeout();
}
