using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Responses;

/// <summary>What an answer of Responses takes from its request.</summary>
internal static class ResponsesEcho
{
    public const string Tools = "tools";

    public const string Instructions = "instructions";

    /// <summary>Names of the tools that take free text: their calls have another shape.</summary>
    private const string FreeText = "$free_text";

    /// <summary>The flat names of tools that came in a group, with group and own name.</summary>
    private const string Grouped = "$grouped";

    /// <summary>Thinking also comes sealed, for clients that send back only that.</summary>
    private const string Sealed = "$sealed";

    public static void AddTools(JsonObject echo, IReadOnlyList<string> freeText, IReadOnlyDictionary<string, (string Group, string Name)> grouped)
    {
        echo[FreeText] = new JsonArray([.. freeText.Select(name => JsonValue.Create(name))]);
        echo[Grouped] = new JsonObject(grouped.Select(entry
            => KeyValuePair.Create(entry.Key, (JsonNode?)new JsonArray(entry.Value.Group, entry.Value.Name))));
    }

    public static void AddSealed(JsonObject echo, bool value) => echo[Sealed] = value;

    public static bool IsSealed(ApiRequest request) => request.Echo?[Sealed]?.GetValue<bool>() ?? false;

    /// <summary>Whether thinking is shown as the summary, as the caller asked, or as the item's own text.</summary>
    public static bool ShowsSummary(ApiRequest request)
        => request.Echo?["reasoning"] is JsonObject reasoning && (reasoning["summary"] ?? reasoning["generate_summary"]) is not null;

    public static bool TakesFreeText(ApiRequest request, string tool)
        => request.Echo?[FreeText] is JsonArray names && names.Any(name => name!.GetValue<string>() == tool);

    /// <summary>A tool's group, null for none, and its own name.</summary>
    public static (string? Group, string Name) Apart(ApiRequest request, string tool)
        => request.Echo?[Grouped]?[tool] is JsonArray pair ? (pair[0]!.GetValue<string>(), pair[1]!.GetValue<string>()) : (null, tool);
}
