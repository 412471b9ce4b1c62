using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Chat;

/// <summary>Errors as OpenAI's APIs have them: all four keys, always.</summary>
internal static class OpenAiFault
{
    private const string InvalidRequest = "invalid_request_error";

    public static JsonObject Write(ApiFaultException fault) => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = fault.Message,
            ["type"] = TypeOf(fault.Kind),
            ["param"] = fault.Param,
            ["code"] = CodeOf(fault.Kind),
        },
    };

    public static int StatusOf(ApiFaultKind kind) => kind switch
    {
        ApiFaultKind.Invalid or ApiFaultKind.ContextFull or ApiFaultKind.EpisodeOver => 400,
        ApiFaultKind.UnknownKey => 401,
        ApiFaultKind.Forbidden => 403,
        ApiFaultKind.NotFound or ApiFaultKind.UnknownModel => 404,
        ApiFaultKind.WrongMethod => 405,
        ApiFaultKind.TooLarge => 413,
        ApiFaultKind.TooMany => 429,
        ApiFaultKind.Unavailable => 503,
        _ => 500,
    };

    public static string? CodeOf(ApiFaultKind kind) => kind switch
    {
        ApiFaultKind.ContextFull => "context_length_exceeded",
        ApiFaultKind.EpisodeOver => "episode_over",
        ApiFaultKind.UnknownKey => "invalid_api_key",
        ApiFaultKind.Forbidden => "permission_denied",
        ApiFaultKind.UnknownModel => "model_not_found",
        ApiFaultKind.WrongMethod => "method_not_supported",
        ApiFaultKind.TooLarge => "request_too_large",
        ApiFaultKind.TooMany => "rate_limit_exceeded",
        _ => null,
    };

    private static string TypeOf(ApiFaultKind kind) => kind switch
    {
        ApiFaultKind.TooMany => "requests",
        ApiFaultKind.Internal or ApiFaultKind.Unavailable => "server_error",
        _ => InvalidRequest,
    };
}
