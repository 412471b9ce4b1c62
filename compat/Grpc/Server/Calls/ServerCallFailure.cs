using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>What an exception that ended a handler says to the caller.</summary>
internal static class ServerCallFailure
{
    internal static Status Resolve(ServerCall call, Exception failure, bool detailed, ILogger logger)
    {
        switch (failure)
        {
            case RpcException rpc:
                foreach (var entry in rpc.Trailers)
                {
                    call.ResponseTrailers.Add(entry);
                }

                GrpcServerLog.CallFailed(logger, call.Method, rpc.StatusCode, rpc.Status.Detail);
                return rpc.Status;

            case not null when call.CancellationToken.IsCancellationRequested:
                GrpcServerLog.CallCancelled(logger, call.Method);
                return new Status(StatusCode.Cancelled, "The call was cancelled.");

            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } large:
                return new Status(StatusCode.ResourceExhausted, large.Message);

            case BadHttpRequestException bad:
                return new Status(StatusCode.Internal, bad.Message);

            default:
                GrpcServerLog.HandlerThrew(logger, call.Method, failure);
                return new Status(StatusCode.Unknown, detailed ? $"Exception was thrown by handler. {Chain(failure!)}" : "Exception was thrown by handler.");
        }
    }

    private static string Chain(Exception exception)
    {
        var text = $"{exception.GetType().Name}: {exception.Message}";
        return exception.InnerException is null ? text : $"{text} {Chain(exception.InnerException)}";
    }
}
