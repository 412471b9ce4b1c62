using Forge.Grpc.Tests.Echo;
using Forge.TestKit;
using Google.Protobuf;
using Grpc.Core;

namespace Forge.Grpc.Tests.Client;

public sealed class MetadataTests : IAsyncLifetime
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
    public async Task Text_and_bytes_travel_there_and_back_in_headers_and_trailers()
    {
        byte[] bytes = [0, 1, 2, 250, 255, (byte)','];
        var sent = new Metadata { { "Echo-Text", "some text" }, { "echo-data-bin", bytes }, { "echo-data-bin", [9] }, { "echo-empty-bin", [] } };
        using var call = _client.UnaryAsync(new EchoRequest(), sent);
        var headers = await call.ResponseHeadersAsync.DefaultTimeout();
        await call.ResponseAsync.DefaultTimeout();
        var trailers = call.GetTrailers();

        Assert.All([headers, trailers], received =>
        {
            Assert.Equal("some text", received.GetValue("echo-text"));
            Assert.Equal([bytes, [9]], received.GetAll("echo-data-bin").Select(entry => entry.ValueBytes));
            Assert.Empty(received.GetValueBytes("echo-empty-bin")!);
        });
    }

    [Fact]
    public async Task Protocol_headers_are_no_metadata()
    {
        await _client.UnaryAsync(new EchoRequest(), new Metadata { { "echo-x", "y" } }).ResponseAsync.DefaultTimeout();
        var seen = await _server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();

        Assert.DoesNotContain(seen.RequestHeaders, entry => entry.Key is "te" or "content-type" || entry.Key.StartsWith("grpc-", StringComparison.Ordinal));
        Assert.NotNull(seen.RequestHeaders.Get("user-agent"));
    }

    [Theory]
    [InlineData("content-type", "x")]
    [InlineData("grpc-status", "0")]
    [InlineData("plain", "naïve")]
    [InlineData("plain", "line\nbreak")]
    public async Task What_can_not_be_sent_is_refused_before_it_is(string key, string value)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => _client.UnaryAsync(new EchoRequest(), new Metadata { { key, value } }).ResponseAsync.DefaultTimeout());

        Assert.Equal(StatusCode.Internal, failure.StatusCode);
        Assert.Contains(key, failure.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "plain")]
    [InlineData(16, "with ünicode, 100 % and\nlines 🙂")]
    [InlineData(5, "")]
    public async Task A_status_keeps_its_code_its_text_and_its_details(int code, string detail)
    {
        var request = new EchoRequest { Status = code, Detail = detail, Payload = ByteString.CopyFromUtf8("details") };
        var failure = await Assert.ThrowsAsync<RpcException>(() => _client.UnaryAsync(request).ResponseAsync.DefaultTimeout());

        Assert.Equal(((StatusCode)code, detail), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal("details"u8.ToArray(), failure.Trailers.GetValueBytes(EchoHandler.DetailsKey));
    }

    [Fact]
    public async Task A_stream_delivers_what_came_before_its_error()
    {
        using var call = _client.Expand(new EchoRequest { Count = 2, Status = (int)StatusCode.DataLoss, Detail = "gone" });

        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.Equal((StatusCode.DataLoss, StatusCode.DataLoss), (failure.StatusCode, call.GetStatus().StatusCode));
    }
}
