using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Forge.Contracts;
using Forge.Contracts.Clients;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool;
using Forge.Hosting.Calls;
using Forge.Hosting.Health;
using Forge.Hosting.Services;
using Forge.TestKit;
using Forge.TestKit.Ports;

namespace Forge.Cli.Tests.Services;

/// <summary>Services as processes of their own, asked to end by SIGTERM while they are busy.</summary>
[Trait("Tier", "integration")]
public sealed class DrainTests : IDisposable
{
    private const int Writers = 8;

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();

    public DrainTests()
    {
        Directory.CreateDirectory(_folder.File("run"));
        File.WriteAllText(_folder.File("run/token"), "top\n");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pool_under_load_ends_with_0_and_keeps_all_that_it_acknowledged()
    {
        using var process = Serve("data_pool", "--set", "data_pool.store=sqlite", "--set", "data_pool.redis.connection=\"\"");
        using var channel = Channel(ServiceName.DataPool);
        var acknowledged = new ConcurrentBag<CompletionId>();
        var enough = new TaskCompletionSource();
        await StatusAsync(ServiceName.DataPool);
        var dispatcher = new GrpcGroupDispatcher(channel.Invoker, WireOptions.Default, TimeProvider.System);
        var ticket = await dispatcher.DispatchAsync(PoolRecords.Task, Writers, Token).DefaultTimeout();
        var sink = new GrpcEpisodeSink(channel.Invoker, WireOptions.Default, TimeProvider.System);
        var writing = ticket.Episodes.Select(episode => WriteAsync(sink, episode, acknowledged, enough)).ToArray();
        await enough.Task.DefaultTimeout();

        process.Terminate();
        var ended = await process.EndAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(writing).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).DefaultTimeout();

        Assert.True(ended.ExitCode == 0, ended.Error);
        var log = await File.ReadAllTextAsync(_folder.File("run/logs/data_pool.jsonl"), Token);
        Assert.Contains("DataPool is ending", log, StringComparison.Ordinal);
        Assert.Contains("DataPool has ended", log, StringComparison.Ordinal);
        await using var store = await DataPoolHost.OpenStoreAsync(_folder.File("run/pool.db"), new DataPoolOptions(), TimeProvider.System, Token);
        Assert.Empty(await store.FindMissingAsync(acknowledged, Token));
    }

    [Fact]
    public async Task A_gateway_says_whom_it_lacks_and_is_ready_when_both_live()
    {
        using var gateway = Serve("gateway");
        var alone = await StatusAsync(ServiceName.Gateway);
        using var pool = Serve("data_pool", "--set", "data_pool.store=sqlite", "--set", "data_pool.redis.connection=\"\"");
        using var rollout = Serve("rollout");
        await StatusAsync(ServiceName.DataPool);
        var engine = await StatusAsync(ServiceName.Rollout);

        var served = await StatusAsync(ServiceName.Gateway);
        gateway.Terminate();
        rollout.Terminate();
        pool.Terminate();

        Assert.Equal(["data_pool", "rollout"], alone.NotReady.Keys.Order());
        Assert.Empty(served.NotReady);
        Assert.Equal(["weights"], engine.NotReady.Keys);
        var wait = Assert.Single(Assert.Single(engine.Parts).Waits);
        Assert.Equal(("trainer", "the first weights"), (wait.For, wait.What));
        Assert.Equal((0, 0, 0), ((await gateway.EndAsync()).ExitCode, (await rollout.EndAsync()).ExitCode, (await pool.EndAsync()).ExitCode));
    }

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Dispose();
    }

    private async Task WriteAsync(GrpcEpisodeSink sink, EpisodeId episode, ConcurrentBag<CompletionId> acknowledged, TaskCompletionSource enough)
    {
        for (var turn = 0; ; turn++)
        {
            var completion = PoolRecords.Completion(episode, turn);
            if (await sink.RecordAsync(completion, _stop.Token) == Receipt.Kept)
            {
                acknowledged.Add(completion.Id);
            }

            if (acknowledged.Count > 200)
            {
                enough.TrySetResult();
            }
        }
    }

    private ForgeProcess Serve(string service, params string[] more)
        => ForgeProcess.Start(_folder.Path, ["serve", service, "--run-dir", _folder.File("run"), .. more]);

    private ServiceChannel Channel(ServiceName service)
        => new(new ServiceChannelParts { Address = AddressOf(service), Token = "top", Repeatable = new RepeatableMethods(ForgeServices.All) });

    private ServiceAddress AddressOf(ServiceName service) => ServiceAddress.Parse($"unix:{ServiceNames.Of(service)}.sock", _folder.File("run"));

    private async Task<ServiceStatus> StatusAsync(ServiceName service)
    {
        using var client = ServiceSockets.HttpClient(AddressOf(service), new TlsOptions(), "top", TimeSpan.FromMinutes(1));
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var answer = await client.GetStringAsync("/status", Token).DefaultTimeout();
                return JsonSerializer.Deserialize<ServiceStatus>(answer, ServiceStatus.Json)!;
            }
            catch (HttpRequestException) when (waited.Elapsed < TimeSpan.FromMinutes(2))
            {
                await Task.Delay(50, Token);
            }
        }
    }
}
