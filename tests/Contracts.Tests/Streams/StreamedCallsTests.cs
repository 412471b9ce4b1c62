using Forge.Contracts.Streams;
using Forge.Contracts.Tests.Ports;
using Forge.Contracts.V1;
using Forge.Hosting.Keys;
using Forge.TestKit;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Contracts.Tests.Streams;

/// <summary>Calls that share a stream are calls like any other to those who make them.</summary>
public sealed class StreamedCallsTests : IAsyncLifetime
{
    private const string Stream = "/forge.v1.CallStreamService/Exchange";

    private readonly TemporaryFolder _folder = new();
    private readonly StreamedSinkLog _log = new();
    private ServedOnSocket _served = null!;
    private EpisodeSinkService.EpisodeSinkServiceClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _served = await ServedOnSocket.StartAsync(
            _folder,
            builder => builder.Services.AddStreamedCalls().AddSingleton(_log),
            app =>
            {
                app.MapGrpcService<StreamedSink>().RequireScope(KeyLevel.Run);
                app.MapStreamedCalls(StreamedCallsHost.Of<StreamedSink>(EpisodeSinkService.BindService));
            });
        _client = new(_served.Invoker);
    }

    public async ValueTask DisposeAsync()
    {
        _log.LetGo.TrySetResult();
        await _served.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Calls_share_one_request_and_none_waits_for_another()
    {
        var held = RecordAsync("hold");
        await _log.Held.Task.DefaultTimeout();

        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(index => RecordAsync($"new-{index}"))).DefaultTimeout();

        Assert.All(answers, answer => Assert.Equal(Receipt.Kept, answer.Receipt));
        Assert.False(held.IsCompleted);
        _log.LetGo.SetResult();
        Assert.Equal(Receipt.Kept, (await held.DefaultTimeout()).Receipt);
        Assert.Equal([Stream], _log.Requests.Values);
    }

    [Fact]
    public async Task A_fault_is_its_own_calls_with_its_code_and_text()
    {
        var good = RecordAsync("good");
        var error = await Assert.ThrowsAsync<RpcException>(() => RecordAsync("bad").DefaultTimeout());

        Assert.Equal(Receipt.Kept, (await good.DefaultTimeout()).Receipt);
        Assert.Equal("Completion 'bad' is bad. Send a good one.", error.Status.Detail);
        Assert.NotEmpty(error.Trailers);
    }

    [Fact]
    public async Task Giving_up_reaches_the_service_and_no_other_call()
    {
        using var patience = new CancellationTokenSource();
        var held = RecordAsync("hold", Within(TimeSpan.FromSeconds(30)).WithCancellationToken(patience.Token));
        await _log.Held.Task.DefaultTimeout();
        await patience.CancelAsync();

        var error = await Assert.ThrowsAsync<RpcException>(() => held.DefaultTimeout());
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        await _log.GivenUp.Task.DefaultTimeout();
        Assert.Equal(Receipt.Kept, (await RecordAsync("next").DefaultTimeout()).Receipt);
    }

    [Fact]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => RecordAsync("hold", Within(TimeSpan.FromMilliseconds(200))).DefaultTimeout());

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        await _log.GivenUp.Task.DefaultTimeout();
    }

    [Fact]
    public async Task A_long_request_goes_by_itself()
    {
        var request = new RecordRequest { Completion = new Completion { Id = "long" } };
        request.Completion.PromptIds.AddRange(Enumerable.Repeat(1 << 27, 100_000));

        await _client.RecordAsync(request, Within(TimeSpan.FromSeconds(30))).ResponseAsync.DefaultTimeout();

        Assert.Equal(["/forge.v1.EpisodeSinkService/Record"], _log.Requests.Values);
    }

    [Fact]
    public async Task A_method_that_is_not_served_is_unimplemented()
    {
        var gateway = new GatewayService.GatewayServiceClient(_served.Invoker);

        var error = await Assert.ThrowsAsync<RpcException>(
            () => gateway.CompleteAsync(new CompleteRequest(), Within(TimeSpan.FromSeconds(30))).ResponseAsync.DefaultTimeout());

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
        Assert.Contains("/forge.v1.GatewayService/Complete", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_ends_answers_what_is_under_way_and_takes_nothing_new()
    {
        var held = RecordAsync("hold");
        await _log.Held.Task.DefaultTimeout();

        var draining = _served.DrainAsync();
        var late = await Assert.ThrowsAsync<RpcException>(() => RecordAsync("late", Within(TimeSpan.FromSeconds(1))).DefaultTimeout());
        _log.LetGo.SetResult();

        Assert.Equal(Receipt.Kept, (await held.DefaultTimeout()).Receipt);
        Assert.True(await draining.DefaultTimeout());
        Assert.True(late.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded, late.ToString());
    }

    private Task<RecordResponse> RecordAsync(string id) => RecordAsync(id, Within(TimeSpan.FromSeconds(30)));

    private Task<RecordResponse> RecordAsync(string id, CallOptions options)
        => _client.RecordAsync(new RecordRequest { Completion = new Completion { Id = id } }, options).ResponseAsync;

    private static CallOptions Within(TimeSpan timeout) => new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + timeout);
}
