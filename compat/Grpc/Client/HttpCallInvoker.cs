using Grpc.Core;
using Grpc.Net.Client.Calls;

namespace Grpc.Net.Client;

/// <summary>Starts calls over a channel's HTTP/2 connections.</summary>
internal sealed class HttpCallInvoker(GrpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        => new GrpcCall<TRequest, TResponse>(channel, method, host, options).UnaryAsync(request).GetAwaiter().GetResult();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        return new AsyncUnaryCall<TResponse>(
            call.UnaryAsync(request), CallDelegates.Headers, CallDelegates.Status, CallDelegates.Trailers, CallDelegates.Dispose, call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        return new AsyncServerStreamingCall<TResponse>(
            call.ServerStreaming(request), CallDelegates.Headers, CallDelegates.Status, CallDelegates.Trailers, CallDelegates.Dispose, call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        var response = call.ClientStreamingAsync();
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            call.Writer!, response, CallDelegates.Headers, CallDelegates.Status, CallDelegates.Trailers, CallDelegates.Dispose, call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        var responses = call.DuplexStreaming();
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            call.Writer!, responses, CallDelegates.Headers, CallDelegates.Status, CallDelegates.Trailers, CallDelegates.Dispose, call);
    }
}
