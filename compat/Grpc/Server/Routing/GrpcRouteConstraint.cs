using Grpc.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Server;

/// <summary>Matches gRPC requests only, so that the answer for unknown methods does not take other requests.</summary>
internal sealed class GrpcRouteConstraint : IRouteConstraint
{
    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection)
        => httpContext is null || GrpcProtocol.IsGrpcContentType(httpContext.Request.ContentType);
}
