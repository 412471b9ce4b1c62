using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Postgres;
using Forge.DataPool.Stores;
using Forge.Hosting.Local;
using Forge.TestKit;

namespace Forge.DataPool.Tests;

/// <summary>Stops the database while it is written to, in every way that it can stop.</summary>
[Collection(nameof(AloneInTheProcess))]
[Trait("Tier", "integration")]
public sealed class KilledServerTests(PostgresServer server) : IAsyncLifetime
{
    private const int Writers = 8;

    private readonly string _run = Guid.NewGuid().ToString("N");
    private readonly GroupId _group = new(0);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    // Whatever becomes of a test, the next one finds the server running.
    public async ValueTask DisposeAsync() => await server.Server.StartAsync(CancellationToken.None).DefaultTimeout();

    [Theory]
    [InlineData(PostgresStop.Fast)]
    [InlineData(PostgresStop.Immediate)]
    [InlineData(PostgresStop.Kill)]
    public async Task Writes_go_on_when_the_server_is_back_and_each_takes_effect_once(PostgresStop how)
    {
        await using var store = await OpenAsync(reconnectSeconds: 60);
        using var enough = new CancellationTokenSource();
        using var receipts = new Receipts();
        var writing = WriteAsync(store, receipts, enough.Token);

        for (var stop = 0; stop < 3; stop++)
        {
            await receipts.ReachAsync(receipts.Count + 100).DefaultTimeout();
            await server.Server.StopAsync(how, Cancel).DefaultTimeout();
            await server.Server.StartAsync(Cancel).DefaultTimeout();
        }

        await receipts.ReachAsync(receipts.Count + 100).DefaultTimeout();
        await enough.CancelAsync();
        await writing.DefaultTimeout();

        Assert.All(receipts.All, receipt => Assert.Equal(Receipt.Kept, receipt.Receipt));
        Assert.Empty(await store.FindMissingAsync([.. receipts.All.Select(receipt => receipt.Id)], Cancel).DefaultTimeout());
        var stored = (await store.ReadGroupAsync(_group, Cancel).DefaultTimeout()).Episodes.Sum(episode => episode.Completions.Length);
        Assert.Equal(receipts.Count, stored);
    }

    [Fact]
    public async Task Write_without_a_server_fails_as_transient_and_what_was_acknowledged_is_there()
    {
        await using var store = await OpenAsync(reconnectSeconds: 0.2);
        using var enough = new CancellationTokenSource();
        using var receipts = new Receipts();
        var writing = WriteAsync(store, receipts, enough.Token);
        await receipts.ReachAsync(200).DefaultTimeout();

        await server.Server.StopAsync(PostgresStop.Kill, Cancel).DefaultTimeout();
        var fault = await Assert.ThrowsAnyAsync<ForgeException>(() => writing.DefaultTimeout());
        await server.Server.StartAsync(Cancel).DefaultTimeout();
        var again = await store.AddCompletionAsync(SampleData.Completion(Episode(0), turn: 1_000_000)).DefaultTimeout();

        Assert.True(fault.IsTransient);
        Assert.Equal(Receipt.Kept, again);
        Assert.Empty(await store.FindMissingAsync([.. receipts.All.Select(receipt => receipt.Id)], Cancel).DefaultTimeout());
    }

    [Fact]
    public async Task Process_that_lost_its_run_to_another_one_writes_no_more()
    {
        await using var first = await OpenAsync(reconnectSeconds: 60);
        await server.Server.StopAsync(PostgresStop.Immediate, Cancel).DefaultTimeout();
        await server.Server.StartAsync(Cancel).DefaultTimeout();
        await using var second = await PostgresEpisodeStore.OpenAsync(Options(60), _run, TimeProvider.System, Cancel).DefaultTimeout();
        await second.AddCompletionAsync(SampleData.Completion(Episode(0), turn: 0)).DefaultTimeout();

        var inUse = await Assert.ThrowsAsync<ForgeException>(() => first.AddCompletionAsync(SampleData.Completion(Episode(0), turn: 1)).DefaultTimeout());
        await second.DisposeAsync();
        var takenOver = await Assert.ThrowsAsync<ForgeException>(() => first.AddCompletionAsync(SampleData.Completion(Episode(0), turn: 1)).DefaultTimeout());

        Assert.Contains("Another process works on", inUse.Message, StringComparison.Ordinal);
        Assert.Contains("has taken over", takenOver.Message, StringComparison.Ordinal);
        Assert.Single(await first.FindMissingAsync([SampleData.Completion(Episode(0), turn: 1).Id], Cancel).DefaultTimeout());
    }

    private PostgresOptions Options(double reconnectSeconds) => new() { Connection = server.ConnectionString, ReconnectSeconds = reconnectSeconds };

    private EpisodeId Episode(int place) => StoredEpisode.Create(_group, place, attempt: 0).Id;

    private async Task<IEpisodeStore> OpenAsync(double reconnectSeconds)
    {
        var store = await PostgresEpisodeStore.OpenAsync(Options(reconnectSeconds), _run, TimeProvider.System, Cancel).DefaultTimeout();
        var attempts = Enumerable.Range(0, Writers).Select(place => StoredEpisode.Create(_group, place, attempt: 0));
        await store.AddGroupAsync(new StoredGroup(
            _group, SampleData.Task(0), new PolicyVersion(1), IsFinished: false, [.. attempts], LastEvent: default)).DefaultTimeout();
        return store;
    }

    private Task WriteAsync(IEpisodeStore store, Receipts receipts, CancellationToken enough)
        => Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var turn = 0; !enough.IsCancellationRequested; turn++)
            {
                var completion = SampleData.Completion(Episode(writer), turn);
                receipts.Add(completion.Id, await store.AddCompletionAsync(completion));
            }
        })));

    /// <summary>What was acknowledged, and a way to wait for more.</summary>
    private sealed class Receipts : IDisposable
    {
        private readonly List<(CompletionId Id, Receipt Receipt)> _all = [];
        private readonly SemaphoreSlim _added = new(0);

        public int Count
        {
            get
            {
                lock (_all)
                {
                    return _all.Count;
                }
            }
        }

        public IReadOnlyList<(CompletionId Id, Receipt Receipt)> All
        {
            get
            {
                lock (_all)
                {
                    return [.. _all];
                }
            }
        }

        public void Add(CompletionId id, Receipt receipt)
        {
            lock (_all)
            {
                _all.Add((id, receipt));
            }

            _added.Release();
        }

        public void Dispose() => _added.Dispose();

        public async Task ReachAsync(int count)
        {
            while (Count < count)
            {
                await _added.WaitAsync();
            }
        }
    }
}
