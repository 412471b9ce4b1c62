using Microsoft.AspNetCore.Http;

namespace Forge.Gateway.Http;

/// <summary>Names each request, under the header of either vendor.</summary>
internal static class RequestIds
{
    public static string Give(HttpContext context)
    {
        var id = $"req_{Guid.CreateVersion7():N}";
        context.Response.Headers["x-request-id"] = id;
        context.Response.Headers["request-id"] = id;
        return id;
    }
}
