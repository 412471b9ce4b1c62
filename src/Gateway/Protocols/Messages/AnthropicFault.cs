using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Messages;

/// <summary>Errors as Anthropic's API has them.</summary>
internal static class AnthropicFault
{
    // Agents look for these words, and compact their history.
    private const string PromptTooLong = "prompt is too long";

    public static JsonObject Write(ApiFaultException fault, string? requestId)
    {
        var error = new JsonObject { ["type"] = TypeOf(fault.Kind), ["message"] = MessageOf(fault) };
        if (CodeOf(fault.Kind) is { } code)
        {
            error["details"] = new JsonObject { ["error_code"] = code };
        }

        return new JsonObject { ["type"] = "error", ["error"] = error, ["request_id"] = requestId };
    }

    public static int StatusOf(ApiFaultKind kind) => kind switch
    {
        ApiFaultKind.Invalid or ApiFaultKind.ContextFull or ApiFaultKind.EpisodeOver => 400,
        ApiFaultKind.UnknownKey => 401,
        ApiFaultKind.Forbidden => 403,
        ApiFaultKind.NotFound or ApiFaultKind.UnknownModel => 404,
        ApiFaultKind.WrongMethod => 405,
        ApiFaultKind.TooLarge => 413,
        ApiFaultKind.TooMany => 429,
        ApiFaultKind.Unavailable => 529,
        _ => 500,
    };

    private static string TypeOf(ApiFaultKind kind) => kind switch
    {
        ApiFaultKind.UnknownKey => "authentication_error",
        ApiFaultKind.Forbidden => "permission_error",
        ApiFaultKind.NotFound or ApiFaultKind.UnknownModel => "not_found_error",
        ApiFaultKind.TooLarge => "request_too_large",
        ApiFaultKind.TooMany => "rate_limit_error",
        ApiFaultKind.Unavailable => "overloaded_error",
        ApiFaultKind.Internal => "api_error",
        _ => "invalid_request_error",
    };

    private static string? CodeOf(ApiFaultKind kind) => kind switch
    {
        ApiFaultKind.ContextFull => "context_length_exceeded",
        ApiFaultKind.EpisodeOver => "episode_over",
        ApiFaultKind.UnknownModel => "model_not_found",
        _ => null,
    };

    private static string MessageOf(ApiFaultException fault)
        => fault.Kind == ApiFaultKind.ContextFull && !fault.Message.Contains(PromptTooLong, StringComparison.Ordinal)
            ? $"{PromptTooLong}: {fault.Message}"
            : fault.Message;
}
