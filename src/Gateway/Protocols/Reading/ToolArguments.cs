using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Text.Json;

namespace Forge.Gateway.Protocols.Reading;

/// <summary>
/// Brings a call's arguments into one spelling. Clients parse and print them again, so an answer and its echo in the next call's history
/// are the same call only in this spelling.
/// </summary>
public static class ToolArguments
{
    /// <summary>The name under which a tool without a schema takes its text.</summary>
    internal const string Input = "input";

    private const string Overflow = "Infinity";

    private const string InputSchema =
        """{"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}""";

    /// <summary>The schema of a tool that takes free text.</summary>
    internal static string FreeTextSchema => InputSchema;

    /// <summary>The one spelling of a JSON object; a text that is none stays as it is.</summary>
    public static string Canonical(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.AsSpan().IsWhiteSpace())
        {
            return "{}";
        }

        try
        {
            // A number too large for a float prints as a word that is no JSON; it stays as it was written.
            var canonical = PythonJson.Format(json);
            return canonical.Contains(Overflow, StringComparison.Ordinal) && !IsObject(canonical) ? json : canonical;
        }
        catch (FormatException)
        {
            return json;
        }
    }

    /// <summary>Reads arguments that came as a string of JSON.</summary>
    internal static string OfText(ApiField field)
    {
        var text = field.IsGiven ? field.Text() : "";
        var canonical = Canonical(text);
        return canonical.StartsWith('{') && canonical.EndsWith('}') && IsObject(canonical)
            ? canonical
            : throw field.Fault("must be a string that holds a JSON object");
    }

    /// <summary>Reads arguments that came as an object.</summary>
    internal static string OfObject(ApiField field) => field.IsGiven ? Canonical(field.RequireObject().Value.GetRawText()) : "{}";

    /// <summary>The arguments of a tool that takes free text.</summary>
    internal static string OfInput(string input) => Canonical(new JsonObject { [Input] = input }.ToJsonString());

    /// <summary>The free text of a call; the arguments as they are when the model gave something else.</summary>
    internal static string ToInput(string argumentsJson)
    {
        try
        {
            using var arguments = JsonDocument.Parse(argumentsJson);
            return arguments.RootElement.ValueKind == JsonValueKind.Object
                && arguments.RootElement.TryGetProperty(Input, out var input)
                && input.ValueKind == JsonValueKind.String
                    ? PythonJson.Text(input)
                    : argumentsJson;
        }
        catch (JsonException)
        {
            return argumentsJson;
        }
    }

    private static bool IsObject(string json)
    {
        try
        {
            using var document = PythonJson.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
