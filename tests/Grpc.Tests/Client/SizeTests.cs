using Forge.Grpc.Tests.Echo;
using Forge.TestKit;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Forge.Grpc.Tests.Client;

public sealed class SizeTests
{
    private const int Large = 64 * 1024 * 1024;

    [Fact]
    public async Task Messages_of_64_MiB_travel_both_ways_in_every_kind_of_call()
    {
        await using var server = await EchoServer.StartAsync(new EchoServerOptions { Grpc = grpc => grpc.MaxReceiveMessageSize = null });
        var client = server.Client(new GrpcChannelOptions { MaxReceiveMessageSize = null });
        var payload = new byte[Large];
        new Random(1).NextBytes(payload);
        var request = new EchoRequest { Payload = UnsafeByteOperations.UnsafeWrap(payload) };
        var unary = await client.UnaryAsync(request).ResponseAsync.DefaultTimeout();
        using var chat = client.Chat();
        var write = chat.RequestStream.WriteAsync(request);
        var moved = await chat.ResponseStream.MoveNext().DefaultTimeout();
        await write.DefaultTimeout();

        Assert.True(unary.Payload.Span.SequenceEqual(payload));
        Assert.True(moved);
        Assert.True(chat.ResponseStream.Current.Payload.Span.SequenceEqual(payload));
    }

    [Fact]
    public async Task The_default_limit_of_a_server_is_4_MiB()
    {
        await using var server = await EchoServer.StartAsync();
        var failure = await FailureOf(server.Client(), new EchoRequest { Payload = ByteString.CopyFrom(new byte[4 * 1024 * 1024]) });

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        Assert.Contains("4194304", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000, null)]
    [InlineData(null, 1000)]
    public async Task A_client_keeps_its_own_limits(int? mostSent, int? mostReceived)
    {
        await using var server = await EchoServer.StartAsync();
        var client = server.Client(new GrpcChannelOptions { MaxSendMessageSize = mostSent, MaxReceiveMessageSize = mostReceived });
        var failure = await FailureOf(client, new EchoRequest { Payload = ByteString.CopyFrom(new byte[1001]) });

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Fact]
    public async Task A_server_keeps_its_limit_of_what_it_sends()
    {
        await using var server = await EchoServer.StartAsync(new EchoServerOptions { Grpc = grpc => grpc.MaxSendMessageSize = 1000 });
        var failure = await FailureOf(server.Client(), new EchoRequest { ResponseBytes = 1001 });

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Fact]
    public async Task A_slow_reader_stops_the_writer_long_before_memory_fills()
    {
        const int Each = 64 * 1024;
        const int Count = 16 * 1024;
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client().Expand(new EchoRequest { Count = Count, ResponseBytes = Each });
        var journal = server.Journal;
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        var ahead = await SettledAsync(journal);
        var read = 1;
        while (await call.ResponseStream.MoveNext().DefaultTimeout())
        {
            read++;
        }

        Assert.InRange(ahead * (long)Each, 0, 64L * 1024 * 1024);
        Assert.Equal(Count, read);
    }

    // The writer stands still when ten looks in a row see the same count.
    private static async Task<long> SettledAsync(CallJournal journal)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var (last, same) = (-1L, 0);
        while (same < 10 && await timer.WaitForNextTickAsync().AsTask().DefaultTimeout())
        {
            var now = Interlocked.Read(ref journal.Written);
            (last, same) = (now, now == last ? same + 1 : 0);
        }

        return last;
    }

    private static Task<RpcException> FailureOf(EchoService.EchoServiceClient client, EchoRequest request)
        => Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(request).ResponseAsync.DefaultTimeout());
}
