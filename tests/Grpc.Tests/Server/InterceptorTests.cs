using Forge.Grpc.Tests.Echo;
using Forge.TestKit;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Forge.Grpc.Tests.Server;

public sealed class InterceptorTests
{
    [Fact]
    public async Task Interceptors_see_calls_in_the_order_of_registration_on_both_sides()
    {
        var seen = new List<string>();
        await using var server = await EchoServer.StartAsync(new EchoServerOptions
        {
            Grpc = grpc =>
            {
                grpc.Interceptors.Add<Recorder>(seen, "server 1");
                grpc.Interceptors.Add<Recorder>(seen, "server 2");
            },
        });
        var invoker = server.Channel().Intercept(new Recorder(seen, "client 1"), new Recorder(seen, "client 2"));
        var client = new EchoService.EchoServiceClient(invoker);
        await client.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
        using var expand = client.Expand(new EchoRequest());
        Assert.False(await expand.ResponseStream.MoveNext().DefaultTimeout());

        string[] once = ["client 1", "client 2", "server 1", "server 2"];
        Assert.Equal([.. once, .. once], seen);
    }

    [Fact]
    public async Task An_interceptor_may_change_headers_and_refuse_calls()
    {
        await using var server = await EchoServer.StartAsync(new EchoServerOptions { Grpc = grpc => grpc.Interceptors.Add<Gatekeeper>() });
        var bare = new EchoService.EchoServiceClient(server.Channel());
        var keyed = new EchoService.EchoServiceClient(server.Channel().Intercept(headers =>
        {
            headers.Add("key", "open");
            return headers;
        }));

        await keyed.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
        var refused = await Assert.ThrowsAsync<RpcException>(() => bare.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    [Fact]
    public async Task Call_credentials_reach_the_server_when_the_channel_allows_it()
    {
        await using var server = await EchoServer.StartAsync(new EchoServerOptions { Grpc = grpc => grpc.Interceptors.Add<Gatekeeper>() });
        var credentials = CallCredentials.FromInterceptor((context, metadata) =>
        {
            Assert.EndsWith("forge.grpc.tests.v1.EchoService", context.ServiceUrl, StringComparison.Ordinal);
            metadata.Add("key", "open");
            return Task.CompletedTask;
        });
        var open = server.Client(new GrpcChannelOptions { UnsafeUseInsecureChannelCallCredentials = true });
        var ofChannel = server.Client(new GrpcChannelOptions
        {
            UnsafeUseInsecureChannelCallCredentials = true,
            Credentials = ChannelCredentials.Create(ChannelCredentials.Insecure, credentials),
        });

        await open.UnaryAsync(new EchoRequest(), new CallOptions(credentials: credentials)).ResponseAsync.DefaultTimeout();
        await ofChannel.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => server.Client().UnaryAsync(new EchoRequest(), new CallOptions(credentials: credentials)).ResponseAsync.DefaultTimeout());
        Assert.Contains("TLS", refused.Status.Detail, StringComparison.Ordinal);
    }

    internal sealed class Gatekeeper : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
            => context.RequestHeaders.GetValue("key") == "open"
                ? continuation(request, context)
                : throw new RpcException(new Status(StatusCode.PermissionDenied, "no key"));
    }

    internal sealed class Recorder(List<string> seen, string name) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add(name);
            return continuation(request, context);
        }

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add(name);
            return continuation(request, context);
        }

        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            seen.Add(name);
            return continuation(request, context);
        }

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
        {
            seen.Add(name);
            return continuation(request, responseStream, context);
        }
    }
}
