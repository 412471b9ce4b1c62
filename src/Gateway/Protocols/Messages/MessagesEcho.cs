using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Messages;

/// <summary>How an answer of Messages shows its thinking, which the request decides.</summary>
internal static class MessagesEcho
{
    private const string Thinking = "thinking";

    private const string Disabled = "disabled";

    private const string Omitted = "omitted";

    public static JsonObject? Write(string? kind, string? display)
        => kind == Disabled || display == Omitted ? new JsonObject { [Thinking] = kind == Disabled ? Disabled : Omitted } : null;

    public static bool ShowsThinking(ApiRequest request) => Mode(request) != Disabled;

    /// <summary>Only the signature comes, which carries the thinking.</summary>
    public static bool OmitsText(ApiRequest request) => Mode(request) == Omitted;

    private static string? Mode(ApiRequest request) => request.Echo?[Thinking]?.GetValue<string>();
}
