using Forge.Grpc.Tests.Echo;
using Forge.TestKit;
using Grpc.Core;
using Grpc.Net.Client;

namespace Forge.Grpc.Tests.Client;

public sealed class EndingTests : IAsyncLifetime
{
    private static readonly EchoRequest Forever = new() { Wait = true };

    private EchoServer _server = null!;
    private EchoService.EchoServiceClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EchoServer.StartAsync();
        _client = _server.Client();
        // Deadlines below leave no time for a first connection on a busy machine.
        await _client.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
        await _server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        using var call = _client.UnaryAsync(Forever, deadline: Soon(1500));
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
        var seen = await _server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();
        await _server.Journal.Cancelled.ReadAsync().AsTask().DefaultTimeout();

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.InRange(seen.Deadline, DateTime.UnixEpoch, Soon(1500));
    }

    [Fact]
    public async Task A_deadline_ends_a_stream_that_is_not_read()
    {
        using var call = _client.Chat(deadline: Soon(1500));
        await _server.Journal.Cancelled.ReadAsync().AsTask().DefaultTimeout();
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().DefaultTimeout());

        Assert.Equal((StatusCode.DeadlineExceeded, StatusCode.DeadlineExceeded), (failure.StatusCode, call.GetStatus().StatusCode));
    }

    [Fact]
    public async Task A_deadline_in_the_past_sends_nothing()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => _client.UnaryAsync(Forever, deadline: Soon(-1)).ResponseAsync.DefaultTimeout());

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.False(_server.Journal.Started.TryRead(out _));
    }

    [Fact]
    public async Task A_token_cancels_on_both_sides()
    {
        using var cancel = new CancellationTokenSource();
        using var call = _client.UnaryAsync(Forever, cancellationToken: cancel.Token);
        await _server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();
        await cancel.CancelAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
        await _server.Journal.Cancelled.ReadAsync().AsTask().DefaultTimeout();

        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
    }

    [Fact]
    public async Task Disposing_a_stream_cancels_on_the_server()
    {
        var call = _client.Chat();
        await call.RequestStream.WriteAsync(new EchoRequest()).DefaultTimeout();
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        call.Dispose();
        await _server.Journal.Cancelled.ReadAsync().AsTask().DefaultTimeout();

        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Cancelling_a_read_cancels_the_call()
    {
        using var cancel = new CancellationTokenSource();
        using var call = _client.Chat();
        var read = call.ResponseStream.MoveNext(cancel.Token);
        await _server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();
        await cancel.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => read.DefaultTimeout())).StatusCode);
        await _server.Journal.Cancelled.ReadAsync().AsTask().DefaultTimeout();
    }

    [Fact]
    public async Task A_channel_may_throw_cancellation_for_cancellation()
    {
        using var cancel = new CancellationTokenSource();
        var client = _server.Client(new GrpcChannelOptions { ThrowOperationCanceledOnCancellation = true });
        using var call = client.UnaryAsync(Forever, cancellationToken: cancel.Token);
        await _server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();
        await cancel.CancelAsync();

        var cancelled = await Assert.ThrowsAsync<OperationCanceledException>(() => call.ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.Cancelled, Assert.IsType<RpcException>(cancelled.InnerException).StatusCode);
    }

    [Fact]
    public async Task Disposing_a_channel_ends_its_calls()
    {
        var channel = _server.Channel();
        using var call = new EchoService.EchoServiceClient(channel).UnaryAsync(Forever);
        await _server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();
        channel.Dispose();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout())).StatusCode);
        Assert.Throws<ObjectDisposedException>(() => channel.CreateCallInvoker());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        using var channel = GrpcChannel.ForAddress("http://127.0.0.1:1");
        var client = new EchoService.EchoServiceClient(channel);
        using var unary = client.UnaryAsync(new EchoRequest());
        using var duplex = client.Chat();

        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => unary.ResponseAsync.DefaultTimeout())).StatusCode);
        Assert.Equal(
            StatusCode.Unavailable,
            (await Assert.ThrowsAsync<RpcException>(() => duplex.RequestStream.WriteAsync(new EchoRequest()).DefaultTimeout())).StatusCode);
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => duplex.ResponseStream.MoveNext().DefaultTimeout())).StatusCode);
        Assert.Equal(
            StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => unary.ResponseHeadersAsync.DefaultTimeout())).StatusCode);
    }

    [Fact]
    public async Task A_server_that_stops_ends_its_calls()
    {
        using var call = _client.Chat();
        await call.RequestStream.WriteAsync(new EchoRequest()).DefaultTimeout();
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        var next = call.ResponseStream.MoveNext();
        await _server.DisposeAsync();

        await Assert.ThrowsAsync<RpcException>(() => next.DefaultTimeout());
    }

    [Fact]
    public async Task A_served_call_hands_its_deadline_and_cancellation_on()
    {
        using var outer = _client.UnaryAsync(Forever, deadline: Soon(60_000));
        var context = await _server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();
        using var inner = _client.UnaryAsync(Forever, new CallOptions(propagationToken: context.Propagation));
        var seen = await _server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();
        outer.Dispose();

        Assert.InRange(seen.Deadline, context.Deadline.AddSeconds(-1), context.Deadline.AddSeconds(1));
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => inner.ResponseAsync.DefaultTimeout())).StatusCode);
    }

    [Fact]
    public async Task An_early_end_reaches_a_client_that_still_writes()
    {
        using var call = _client.Collect();
        await call.RequestStream.WriteAsync(new EchoRequest { Status = (int)StatusCode.Aborted, Detail = "enough" }).DefaultTimeout();
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());

        Assert.Equal((StatusCode.Aborted, "enough"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal(
            StatusCode.Aborted, (await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new EchoRequest()).DefaultTimeout())).StatusCode);
    }

    private static DateTime Soon(int milliseconds) => TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(milliseconds);
}
