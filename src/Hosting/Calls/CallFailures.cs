using System.Net.Sockets;
using Grpc.Core;
using Polly.CircuitBreaker;

namespace Forge.Hosting.Calls;

/// <summary>Tells failed attempts apart.</summary>
internal static class CallFailures
{
    public static CallFailure Of(Exception? error) => error switch
    {
        BrokenCircuitException => CallFailure.NotSent,
        RpcException { StatusCode: StatusCode.Unavailable } call when IsRefused(call.Status.DebugException ?? call.InnerException) => CallFailure.NotSent,
        RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Aborted } => CallFailure.Interrupted,
        _ => CallFailure.Final,
    };

    /// <summary>True when no connection came about.</summary>
    private static bool IsRefused(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            // The last: accepted, and dropped before the service's first frame, by a service that is going or by what stands before it.
            if (error is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
                or HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse, InnerException: HttpIOException or IOException }
                or SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable })
            {
                return true;
            }
        }

        return false;
    }
}
