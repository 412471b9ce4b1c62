using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>Many requests, one response.</summary>
internal sealed class ClientStreamingCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, EffectiveOptions options, ILogger logger, ClientStreamingServerMethod<TRequest, TResponse> handler)
    : CallHandler<TRequest, TResponse>(method, options, logger)
    where TRequest : class
    where TResponse : class
{
    protected override async Task ServeAsync(ServerCall call)
    {
        var requests = new ServerStreamReader<TRequest>(call, Method.RequestMarshaller);
        call.WriteSingle(Method.ResponseMarshaller, await handler(requests, call).ConfigureAwait(false));
    }
}
