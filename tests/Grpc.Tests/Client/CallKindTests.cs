using Forge.Grpc.Tests.Echo;
using Forge.TestKit;
using Google.Protobuf;
using Grpc.Core;

namespace Forge.Grpc.Tests.Client;

public sealed class CallKindTests : IAsyncLifetime
{
    private EchoServer _server = null!;
    private EchoService.EchoServiceClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EchoServer.StartAsync();
        _client = _server.Client();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Unary_answers_what_was_sent()
    {
        var response = await _client.UnaryAsync(Request(1000)).ResponseAsync.DefaultTimeout();

        Assert.Equal(Request(1000).Payload, response.Payload);
    }

    [Fact]
    public async Task Blocking_unary_answers_what_was_sent()
    {
        var response = await Task.Run(() => _client.Unary(Request(10))).DefaultTimeout();

        Assert.Equal(10, response.Bytes);
    }

    [Fact]
    public async Task An_empty_message_is_a_message()
    {
        var response = await _client.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();

        Assert.Equal(1, response.Requests);
    }

    [Fact]
    public async Task Client_streaming_sends_every_request()
    {
        using var call = _client.Collect();
        for (var index = 0; index < 100; index++)
        {
            await call.RequestStream.WriteAsync(Request(index)).DefaultTimeout();
        }

        await call.RequestStream.CompleteAsync().DefaultTimeout();
        var response = await call.ResponseAsync.DefaultTimeout();

        Assert.Equal((100, 4950), (response.Requests, response.Bytes));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Server_streaming_delivers_every_response_in_order()
    {
        using var call = _client.Expand(new EchoRequest { Count = 100, ResponseBytes = 3000 });
        var indices = new List<int>();
        while (await call.ResponseStream.MoveNext().DefaultTimeout())
        {
            indices.Add(call.ResponseStream.Current.Index);
        }

        Assert.Equal(Enumerable.Range(0, 100), indices);
        Assert.False(await call.ResponseStream.MoveNext().DefaultTimeout());
    }

    [Fact]
    public async Task Duplex_answers_while_requests_go_on()
    {
        using var call = _client.Chat();
        for (var index = 0; index < 50; index++)
        {
            await call.RequestStream.WriteAsync(Request(index)).DefaultTimeout();
            Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
            Assert.Equal(index, call.ResponseStream.Current.Index);
        }

        await call.RequestStream.CompleteAsync().DefaultTimeout();

        Assert.False(await call.ResponseStream.MoveNext().DefaultTimeout());
    }

    [Fact]
    public async Task Buffered_writes_arrive_with_the_next()
    {
        using var call = _client.Collect();
        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        await call.RequestStream.WriteAsync(Request(1)).DefaultTimeout();
        await call.RequestStream.WriteAsync(Request(2)).DefaultTimeout();
        await call.RequestStream.CompleteAsync().DefaultTimeout();

        Assert.Equal(2, (await call.ResponseAsync.DefaultTimeout()).Requests);
    }

    [Fact]
    public async Task A_thousand_calls_at_once_all_end()
    {
        var calls = Enumerable.Range(0, 1000).Select(_ => _client.Chat()).ToList();
        await Task.WhenAll(calls.Select(call => call.RequestStream.WriteAsync(Request(5)))).DefaultTimeout();
        var moved = await Task.WhenAll(calls.Select(call => call.ResponseStream.MoveNext())).DefaultTimeout();
        await Task.WhenAll(calls.Select(call => call.RequestStream.CompleteAsync())).DefaultTimeout();
        var rest = await Task.WhenAll(calls.Select(call => call.ResponseStream.MoveNext())).DefaultTimeout();

        Assert.All(moved, Assert.True);
        Assert.All(rest, Assert.False);
        Assert.All(calls, call => Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode));
    }

    private static EchoRequest Request(int bytes) => new() { Payload = ByteString.CopyFrom(Enumerable.Repeat((byte)7, bytes).ToArray()) };
}
