using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Forge.Hosting.Health;

/// <summary>Counts the calls that a service answers right now, and refuses new ones once it drains. Safe for concurrent use.</summary>
internal sealed class CallsInFlight(ServiceState state)
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var isCall = context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is { } call && call.ServiceType != typeof(HealthGrpcService);
        if (isCall && state.Phase >= ServicePhase.Draining)
        {
            Refuse(context.Response);
            return;
        }

        Interlocked.Increment(ref _count);
        try
        {
            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }

    // Callers take it for what it is: transient, and not done.
    private static void Refuse(HttpResponse response)
    {
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = ((int)StatusCode.Unavailable).ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = "The service is ending and takes no new calls.";
    }
}
