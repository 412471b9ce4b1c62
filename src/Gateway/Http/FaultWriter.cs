using System.Globalization;
using Forge.Gateway.Protocols;
using Microsoft.AspNetCore.Http;

namespace Forge.Gateway.Http;

/// <summary>Writes a fault in an API's own shape, with the headers that tell clients whether to ask again.</summary>
internal static class FaultWriter
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>What an exception means to a client.</summary>
    public static ApiFaultException Of(Exception error) => error switch
    {
        ApiFaultException fault => fault,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } large
            => new ApiFaultException(ApiFaultKind.TooLarge, $"The request's body is too large. {large.Message}", inner: large),
        BadHttpRequestException bad => new ApiFaultException(ApiFaultKind.Invalid, $"The request can't be read. {bad.Message}", inner: bad),
        _ => new ApiFaultException(ApiFaultKind.Internal, "The gateway failed; its log says how.", inner: error),
    };

    /// <summary>A fault of a request that reached no API: in Anthropic's shape for whoever names a version of it, else in OpenAI's.</summary>
    public static Task WriteAsync(HttpContext context, ApiFaultException fault, string requestId)
        => WriteAsync(context, context.Request.Headers.ContainsKey("anthropic-version") ? ApiProtocols.Messages : ApiProtocols.Chat, fault, requestId);

    public static Task WriteAsync(HttpContext context, IApiProtocol protocol, ApiFaultException fault, string requestId)
    {
        var response = context.Response;
        response.StatusCode = protocol.StatusOf(fault.Kind);
        switch (fault.Kind)
        {
            case ApiFaultKind.TooMany or ApiFaultKind.Unavailable:
                response.Headers.RetryAfter = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
                response.Headers["retry-after-ms"] = RetryAfter.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
                break;
            case ApiFaultKind.Internal:
                break;
            default:
                response.Headers["x-should-retry"] = "false";
                break;
        }

        return JsonBody.WriteAsync(response, protocol.WriteFault(fault, requestId), context.RequestAborted);
    }
}
