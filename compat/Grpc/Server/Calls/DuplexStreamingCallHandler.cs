using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>Many requests, many responses.</summary>
internal sealed class DuplexStreamingCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, EffectiveOptions options, ILogger logger, DuplexStreamingServerMethod<TRequest, TResponse> handler)
    : CallHandler<TRequest, TResponse>(method, options, logger)
    where TRequest : class
    where TResponse : class
{
    protected override Task ServeAsync(ServerCall call)
        => handler(
            new ServerStreamReader<TRequest>(call, Method.RequestMarshaller), new ServerStreamWriter<TResponse>(call, Method.ResponseMarshaller), call);
}
