using Forge.Contracts.Clients;
using Forge.Contracts.Tests.Mapping;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Contracts.Tests.Ports;

/// <summary>Completions that many agents record at a time share calls, and nothing else.</summary>
public sealed class GatheredRecordsTests : IAsyncLifetime
{
    private readonly CancellationToken _test = TestContext.Current.CancellationToken;
    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedSinkService _pool = new();
    private ServedOnSocket _served = null!;
    private GrpcEpisodeSink _sink = null!;

    public async ValueTask InitializeAsync()
    {
        _served = await ServedOnSocket.StartAsync(
            _folder, builder => builder.Services.AddSingleton(_pool), app => app.MapGrpcService<ScriptedSinkService>().AllowAnonymous());
        _sink = new GrpcEpisodeSink(_served.Invoker, ServedOnSocket.Options, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _served.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_comes_while_a_call_is_under_way_shares_the_next_and_gets_its_own_receipt()
    {
        var first = RecordAsync("new-0");
        await _pool.Reached.DefaultTimeout();
        Task<Receipt>[] others = [RecordAsync("new-1"), RecordAsync("again-2"), RecordAsync("old-3")];
        _pool.LetGo();

        Assert.Equal(Receipt.Kept, await first.DefaultTimeout());
        Assert.Equal([Receipt.Kept, Receipt.Duplicate, Receipt.Stale], await Task.WhenAll(others).DefaultTimeout());
        Assert.Equal([["new-0"], ["new-1", "again-2", "old-3"]], _pool.Calls);
    }

    [Fact]
    public async Task One_after_the_other_each_goes_by_itself_at_once()
    {
        _pool.LetGo();

        await RecordAsync("new-0").DefaultTimeout();
        await RecordAsync("new-1").DefaultTimeout();

        Assert.Equal([["new-0"], ["new-1"]], _pool.Calls);
    }

    [Fact]
    public async Task A_bad_one_fails_alone()
    {
        var first = RecordAsync("new-0");
        await _pool.Reached.DefaultTimeout();
        var (good, bad, late) = (RecordAsync("new-1"), RecordAsync("bad-2"), RecordAsync("old-3"));
        _pool.LetGo();

        Assert.Equal([Receipt.Kept, Receipt.Kept, Receipt.Stale], await Task.WhenAll(first, good, late).DefaultTimeout());
        Assert.Contains("bad", (await Assert.ThrowsAnyAsync<Exception>(() => bad.DefaultTimeout())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_gives_up_before_the_call_is_not_sent()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_test);
        var first = RecordAsync("new-0");
        await _pool.Reached.DefaultTimeout();
        var impatient = _sink.RecordAsync(Completion("new-1", tokens: 4), patience.Token);
        var patient = RecordAsync("new-2");
        await patience.CancelAsync();
        _pool.LetGo();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient).DefaultTimeout();
        await Task.WhenAll(first, patient).DefaultTimeout();
        Assert.Equal([["new-0"], ["new-2"]], _pool.Calls);
    }

    [Theory]
    [InlineData(600, 4, 256)]
    [InlineData(6, 150_000, 2)]
    public async Task Calls_are_bounded_in_count_and_bytes(int completions, int tokens, int largest)
    {
        var first = RecordAsync("new-first");
        await _pool.Reached.DefaultTimeout();
        var others = Enumerable.Range(0, completions).Select(index => RecordAsync($"new-{index}", tokens)).ToArray();
        _pool.LetGo();

        await Task.WhenAll([first, .. others]).DefaultTimeout();

        Assert.Equal(largest, _pool.Calls.Max(call => call.Length));
        Assert.Equal(Enumerable.Range(0, completions).Select(index => $"new-{index}"), _pool.Calls.Skip(1).SelectMany(call => call));
    }

    private Task<Receipt> RecordAsync(string id, int tokens = 4) => _sink.RecordAsync(Completion(id, tokens), _test);

    private static Completion Completion(string id, int tokens)
        => new WireSamples(seed: 1).Completion(tokens) with { Id = new CompletionId(id), RoutedExperts = [] };
}
