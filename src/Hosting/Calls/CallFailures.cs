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
        RpcException { StatusCode: StatusCode.Unavailable } call when NeverLeft(call.Status.DebugException ?? call.InnerException) => CallFailure.NotSent,
        RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Aborted } => CallFailure.Interrupted,
        _ => CallFailure.Final,
    };

    /// <summary>True when no connection came about, or none that a request was sent on (<see cref="HandshakeStream"/>).</summary>
    private static bool NeverLeft(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is HandshakeCutException
                or HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
                or SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable })
            {
                return true;
            }
        }

        return false;
    }
}
