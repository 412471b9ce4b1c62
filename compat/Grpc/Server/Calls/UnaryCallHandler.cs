using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>One request, one response.</summary>
internal sealed class UnaryCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, EffectiveOptions options, ILogger logger, UnaryServerMethod<TRequest, TResponse> handler)
    : CallHandler<TRequest, TResponse>(method, options, logger)
    where TRequest : class
    where TResponse : class
{
    protected override async Task ServeAsync(ServerCall call)
    {
        var request = await call.Reader.ReadSingleAsync(Method.RequestMarshaller, call.CancellationToken).ConfigureAwait(false);
        call.WriteSingle(Method.ResponseMarshaller, await handler(request, call).ConfigureAwait(false));
    }
}
