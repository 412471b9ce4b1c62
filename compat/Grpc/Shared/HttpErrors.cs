using System.Net;
using Grpc.Core;

namespace Grpc.Shared;

/// <summary>What HTTP's and HTTP/2's own errors mean as a status; both tables are gRPC's.</summary>
internal static class HttpErrors
{
    internal static StatusCode FromHttpStatus(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    /// <summary>RFC 9113 §7 numbers the codes.</summary>
    internal static StatusCode FromHttp2Code(long code) => code switch
    {
        0x7 => StatusCode.Unavailable,
        0x8 => StatusCode.Cancelled,
        0xb => StatusCode.ResourceExhausted,
        0xc => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    };

    internal static Status FromException(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case RpcException rpc:
                    return rpc.Status;
                case HttpProtocolException protocol:
                    return new Status(FromHttp2Code(protocol.ErrorCode), $"The stream was reset: {protocol.Message}", exception);
                case OperationCanceledException:
                    return new Status(StatusCode.Cancelled, "The call was cancelled.", exception);
            }
        }

        return exception is HttpRequestException or IOException or System.Net.Sockets.SocketException
            ? new Status(StatusCode.Unavailable, $"Error starting or running the gRPC call: {Chain(exception)}", exception)
            : new Status(StatusCode.Internal, $"Error starting or running the gRPC call: {Chain(exception)}", exception);
    }

    private static string Chain(Exception exception)
    {
        var text = $"{exception.GetType().Name}: {exception.Message}";
        return exception.InnerException is null ? text : $"{text} {Chain(exception.InnerException)}";
    }
}
