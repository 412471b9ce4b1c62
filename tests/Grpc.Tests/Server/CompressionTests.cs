using Forge.Grpc.Tests.Echo;
using Forge.TestKit;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Forge.Grpc.Tests.Server;

public sealed class CompressionTests
{
    private static readonly EchoRequest Request = new() { Payload = ByteString.CopyFrom(new byte[100_000]) };

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Both_sides_compress_when_asked_to(string encoding)
    {
        await using var server = await EchoServer.StartAsync(new EchoServerOptions { Grpc = grpc => grpc.ResponseCompressionAlgorithm = encoding });
        using var counter = new CountingHandler();
        var client = server.Client(new GrpcChannelOptions { HttpHandler = counter });
        var headers = new Metadata { { "grpc-internal-encoding-request", encoding } };
        var response = await client.UnaryAsync(Request, headers).ResponseAsync.DefaultTimeout();

        Assert.Equal(Request.Payload, response.Payload);
        Assert.Equal((encoding, encoding), (counter.RequestEncoding, counter.ResponseEncoding));
        Assert.InRange(counter.RequestBytes, 1, 2_000);
    }

    [Fact]
    public async Task Single_messages_may_stay_as_they_are()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Client().Collect(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        await call.RequestStream.WriteAsync(Request).DefaultTimeout();
        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
        await call.RequestStream.WriteAsync(Request).DefaultTimeout();
        await call.RequestStream.CompleteAsync().DefaultTimeout();

        Assert.Equal(200_000, (await call.ResponseAsync.DefaultTimeout()).Bytes);
    }

    [Fact]
    public async Task What_expands_beyond_the_limit_is_refused()
    {
        await using var server = await EchoServer.StartAsync(new EchoServerOptions { Grpc = grpc => grpc.MaxReceiveMessageSize = 50_000 });
        var headers = new Metadata { { "grpc-internal-encoding-request", "gzip" } };
        var refused = await Assert.ThrowsAsync<RpcException>(() => server.Client().UnaryAsync(Request, headers).ResponseAsync.DefaultTimeout());

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
    }

    private sealed class CountingHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        internal string? RequestEncoding { get; private set; }

        internal string? ResponseEncoding { get; private set; }

        internal long RequestBytes { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            RequestEncoding = request.Headers.GetValues("grpc-encoding").Single();
            using var body = new MemoryStream();
            await request.Content!.CopyToAsync(body, cancellationToken);
            RequestBytes = body.Length;
            var response = await base.SendAsync(request, cancellationToken);
            ResponseEncoding = response.Headers.GetValues("grpc-encoding").Single();
            return response;
        }
    }
}
