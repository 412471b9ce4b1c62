using Forge.Grpc.Tests.Echo;
using Forge.Grpc.Tests.Wire;
using Forge.TestKit;
using Grpc.Core;
using Grpc.Net.Client;

namespace Forge.Grpc.Tests.Client;

/// <summary>Counts bytes of the whole process: these tests run when no other does.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class AllocationTests
{
    [Fact]
    public async Task Streamed_messages_cost_little_more_than_themselves()
    {
        const int Messages = 20_000;
        const int Size = 1_000;
        await using var server = await EchoServer.StartAsync();
        var client = server.Client();
        await ReadAsync(client, Messages, Size).DefaultTimeout();
        var before = GC.GetTotalAllocatedBytes();
        await ReadAsync(client, Messages, Size).DefaultTimeout();
        var each = (GC.GetTotalAllocatedBytes() - before) / Messages;

        // The service makes the payload, and the parser makes it again.
        Assert.InRange(each, 2 * Size, 5 * Size);
    }

    [Fact]
    public async Task A_promised_length_allocates_nothing_before_bytes_arrive()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await RawServer.StartAsync(async http =>
        {
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(new byte[] { 0, 0x3F, 0, 0, 0, 1, 2, 3 });
            await http.Response.Body.FlushAsync();
            await release.Task;
        });
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        using var call = new EchoService.EchoServiceClient(channel).Expand(new EchoRequest());
        await call.ResponseHeadersAsync.DefaultTimeout();
        var before = GC.GetTotalAllocatedBytes();
        var read = call.ResponseStream.MoveNext();
        release.SetResult();
        await Assert.ThrowsAsync<RpcException>(() => read.DefaultTimeout());

        // A gigabyte was promised.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 16L * 1024 * 1024);
    }

    private static async Task ReadAsync(EchoService.EchoServiceClient client, int messages, int size)
    {
        using var call = client.Expand(new EchoRequest { Count = messages, ResponseBytes = size });
        await foreach (var response in call.ResponseStream.ReadAllAsync())
        {
            Assert.Equal(size, response.Payload.Length);
        }
    }
}
