using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http;

namespace Grpc.Core;

/// <summary>The HTTP side of a served call.</summary>
public static class ServerCallContextExtensions
{
    private const string HttpContextKey = "__HttpContext";

    /// <summary>Contexts that a test made carry the HTTP context in their user state.</summary>
    public static HttpContext GetHttpContext(this ServerCallContext serverCallContext)
    {
        ArgumentNullException.ThrowIfNull(serverCallContext);
        return (serverCallContext as ServerCall)?.Http
            ?? (serverCallContext.UserState.TryGetValue(HttpContextKey, out var http) ? http as HttpContext : null)
            ?? throw new InvalidOperationException("Could not get HttpContext from ServerCallContext: this call is not served by ASP.NET Core.");
    }
}
