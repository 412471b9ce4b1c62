using Grpc.Core;
using Grpc.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>Answers requests that are not gRPC, or for a method that is not there.</summary>
internal static class GrpcRequest
{
    /// <summary>True when the request can't be served, and was answered.</summary>
    internal static bool Refuse(HttpContext http, ILogger logger)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            Answer(http, logger, StatusCodes.Status426UpgradeRequired, $"Request protocol '{http.Request.Protocol}' is not supported: gRPC needs HTTP/2.");
            http.Response.Headers.Upgrade = "HTTP/2";
            return true;
        }

        if (!GrpcProtocol.IsGrpcContentType(http.Request.ContentType))
        {
            Answer(http, logger, StatusCodes.Status415UnsupportedMediaType, $"Content-Type '{http.Request.ContentType}' is not supported.");
            return true;
        }

        return false;
    }

    internal static Task Unimplemented(HttpContext http, string detail)
    {
        http.Response.ContentType = GrpcProtocol.ContentType;
        ResponseHeaders.SetStatus(http.Response.Headers, new Status(StatusCode.Unimplemented, detail));
        return Task.CompletedTask;
    }

    private static void Answer(HttpContext http, ILogger logger, int httpStatus, string reason)
    {
        GrpcServerLog.RequestRefused(logger, http.Request.Path.Value ?? "", reason);
        http.Response.StatusCode = httpStatus;
        ResponseHeaders.SetStatus(http.Response.Headers, new Status(StatusCode.Internal, reason));
    }
}
