using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Chat;

/// <summary>What an answer of Chat Completions takes from its request.</summary>
internal static class ChatEcho
{
    public const string Metadata = "metadata";

    /// <summary>Names of the tools that take free text: their calls have another shape.</summary>
    public const string FreeText = "custom_tools";

    /// <summary>The request has the older <c>functions</c>: so has the answer.</summary>
    public const string Functions = "functions";

    public static bool TakesFreeText(ApiRequest request, string tool)
        => request.Echo?[FreeText] is JsonArray names && names.Any(name => name!.GetValue<string>() == tool);

    public static bool HasFunctions(ApiRequest request) => request.Echo?[Functions] is not null;
}
