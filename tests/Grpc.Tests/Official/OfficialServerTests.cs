using System.Diagnostics;
using Forge.Grpc.Tests.Echo;
using Forge.TestKit;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Forge.Grpc.Tests.Official;

/// <summary>Our client against an official server.</summary>
[Trait("Tier", "integration")]
public abstract class OfficialServerTests(string language) : IAsyncLifetime
{
    private Process _process = null!;
    private GrpcChannel _channel = null!;

    private EchoService.EchoServiceClient Client => new(_channel);

    public async ValueTask InitializeAsync() => (_process, _channel) = await StartAsync(gzip: false);

    public async ValueTask DisposeAsync() => await StopAsync(_process, _channel);

    [Fact]
    public async Task Unary_answers()
    {
        var response = await Client.UnaryAsync(Request(1000)).ResponseAsync.DefaultTimeout();

        Assert.Equal(1000, response.Bytes);
    }

    [Fact]
    public async Task Client_streaming_answers()
    {
        using var call = Client.Collect();
        for (var index = 0; index < 100; index++)
        {
            await call.RequestStream.WriteAsync(Request(index)).DefaultTimeout();
        }

        await call.RequestStream.CompleteAsync().DefaultTimeout();

        Assert.Equal(4950, (await call.ResponseAsync.DefaultTimeout()).Bytes);
    }

    [Fact]
    public async Task A_large_stream_arrives_whole()
    {
        using var call = Client.Expand(new EchoRequest { Count = 128, ResponseBytes = 1024 * 1024 });
        var bytes = 0L;
        while (await call.ResponseStream.MoveNext().DefaultTimeout())
        {
            bytes += call.ResponseStream.Current.Payload.Length;
        }

        Assert.Equal(128L * 1024 * 1024, bytes);
    }

    [Fact]
    public async Task Duplex_answers_while_requests_go_on()
    {
        using var call = Client.Chat();
        for (var index = 0; index < 50; index++)
        {
            await call.RequestStream.WriteAsync(Request(index)).DefaultTimeout();
            Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        }

        await call.RequestStream.CompleteAsync().DefaultTimeout();

        Assert.False(await call.ResponseStream.MoveNext().DefaultTimeout());
    }

    [Fact]
    public async Task Metadata_travels_there_and_back()
    {
        using var call = Client.UnaryAsync(Request(1), new Metadata { { "echo-text", "some text" }, { "echo-data-bin", [0, 1, 254, 255] } });
        var headers = await call.ResponseHeadersAsync.DefaultTimeout();
        await call.ResponseAsync.DefaultTimeout();

        Assert.All([headers, call.GetTrailers()], received =>
        {
            Assert.Equal("some text", received.GetValue("echo-text"));
            Assert.Equal([0, 1, 254, 255], received.GetValueBytes("echo-data-bin"));
        });
    }

    [Fact]
    public async Task Compressed_messages_are_read_by_both()
    {
        var (process, channel) = await StartAsync(gzip: true);
        try
        {
            var client = new EchoService.EchoServiceClient(channel);
            using var call = client.UnaryAsync(Request(100_000), new Metadata { { "grpc-internal-encoding-request", "gzip" } });

            Assert.Equal(100_000, (await call.ResponseAsync.DefaultTimeout()).Payload.Length);
        }
        finally
        {
            await StopAsync(process, channel);
        }
    }

    [Fact]
    public async Task A_status_keeps_its_details()
    {
        var request = new EchoRequest { Status = 9, Detail = "nicht jetzt: ä", Payload = ByteString.CopyFromUtf8("why") };
        var failure = await Assert.ThrowsAsync<RpcException>(() => Client.UnaryAsync(request).ResponseAsync.DefaultTimeout());

        Assert.Equal((StatusCode.FailedPrecondition, "nicht jetzt: ä"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal("why"u8.ToArray(), failure.Trailers.GetValueBytes(EchoHandler.DetailsKey));
    }

    [Fact]
    public async Task A_deadline_ends_the_call()
    {
        var soon = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(300);
        var failure = await Assert.ThrowsAsync<RpcException>(
            () => Client.UnaryAsync(new EchoRequest { Wait = true }, deadline: soon).ResponseAsync.DefaultTimeout());

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task Cancellation_ends_a_stream_and_leaves_the_connection()
    {
        using var cancel = new CancellationTokenSource();
        using var call = Client.Chat(cancellationToken: cancel.Token);
        await call.RequestStream.WriteAsync(Request(1)).DefaultTimeout();
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        await cancel.CancelAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().DefaultTimeout());

        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
        Assert.Equal(1, (await Client.UnaryAsync(Request(1)).ResponseAsync.DefaultTimeout()).Bytes);
    }

    [Fact]
    public async Task Messages_of_64_MiB_travel_both_ways()
        => Assert.Equal(64 << 20, (await Client.UnaryAsync(Request(64 << 20)).ResponseAsync.DefaultTimeout()).Payload.Length);

    [Fact]
    public async Task A_thousand_calls_at_once_all_end()
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, 1000).Select(index => Client.UnaryAsync(Request(index)).ResponseAsync)).DefaultTimeout();

        Assert.Equal(Enumerable.Range(0, 1000).Select(index => (long)index), responses.Select(response => response.Bytes));
    }

    private async Task<(Process Process, GrpcChannel Channel)> StartAsync(bool gzip)
    {
        var (process, address) = await OfficialPeer.ServeAsync(language, gzip);
        return (process, GrpcChannel.ForAddress(address, new GrpcChannelOptions { MaxReceiveMessageSize = null }));
    }

    private static async Task StopAsync(Process process, GrpcChannel channel)
    {
        channel.Dispose();
        process.StandardInput.Close();
        await process.WaitForExitAsync().DefaultTimeout();
        process.Dispose();
    }

    private static EchoRequest Request(int bytes) => new() { Payload = UnsafeByteOperations.UnsafeWrap(new byte[bytes]) };
}
