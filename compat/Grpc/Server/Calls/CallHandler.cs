using Grpc.Core;
using Grpc.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>Serves the requests of one method: checks that they are gRPC, runs the handler, sends the status.</summary>
internal abstract class CallHandler<TRequest, TResponse>(Method<TRequest, TResponse> method, EffectiveOptions options, ILogger logger)
    where TRequest : class
    where TResponse : class
{
    protected Method<TRequest, TResponse> Method => method;

    private bool StreamsRequests => method.Type is MethodType.ClientStreaming or MethodType.DuplexStreaming;

    internal Task HandleAsync(HttpContext http)
    {
        if (GrpcRequest.Refuse(http, logger))
        {
            return Task.CompletedTask;
        }

        LiftTransportLimits(http);
        http.Response.ContentType = GrpcProtocol.ContentType;
        var call = new ServerCall(http, method, options);
        http.Features.Set<IServerCallContextFeature>(call);
        return RunAsync(call);
    }

    protected abstract Task ServeAsync(ServerCall call);

    private async Task RunAsync(ServerCall call)
    {
        try
        {
            call.Begin();
            await ServeAsync(call).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            call.Status = ServerCallFailure.Resolve(call, failure, options.EnableDetailedErrors, logger);
        }

        await call.EndAsync().ConfigureAwait(false);
    }

    // Messages have a limit of their own, and a stream may pause for as long as it likes.
    private void LiftTransportLimits(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (StreamsRequests && http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }
}
