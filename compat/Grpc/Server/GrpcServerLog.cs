using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>Everything that the server logs.</summary>
internal static partial class GrpcServerLog
{
    [LoggerMessage(1, LogLevel.Debug, "Call of {Method} ended with {StatusCode}: {Detail}")]
    internal static partial void CallFailed(ILogger logger, string method, StatusCode statusCode, string detail);

    [LoggerMessage(2, LogLevel.Debug, "Call of {Method} was cancelled.")]
    internal static partial void CallCancelled(ILogger logger, string method);

    [LoggerMessage(3, LogLevel.Error, "Error when executing service method '{Method}'.")]
    internal static partial void HandlerThrew(ILogger logger, string method, Exception? exception);

    [LoggerMessage(4, LogLevel.Debug, "Refused a request for {Path}: {Reason}")]
    internal static partial void RequestRefused(ILogger logger, string path, string reason);
}
