using System.Collections.Immutable;
using System.Text.Json;
using Forge.Core.Chat;
using Forge.Core.Text.Json;

namespace Forge.Core.Text.MiniMax;

/// <summary>The tools' parameter types, read once: they decide which JSON type a value's text becomes.</summary>
public sealed class ToolSchemas
{
    // Schemas may refer to themselves; types more than this many steps away do not count.
    private const int MaxDepth = 8;

    private readonly Dictionary<string, Dictionary<string, JsonTypes>> _tools = new(StringComparer.Ordinal);

    /// <summary>Reads the tools' schemas; one that is not a JSON schema counts as empty: all its values are strings.</summary>
    public ToolSchemas(ImmutableArray<ToolDefinition> tools)
    {
        foreach (var tool in tools.IsDefault ? [] : tools)
        {
            _tools.TryAdd(tool.Name, ReadParameters(tool.ParametersJson));
        }
    }

    /// <summary>No tools: every value is a string.</summary>
    public static ToolSchemas Empty { get; } = new([]);

    internal JsonTypes TypesOf(string tool, string parameter)
        => _tools.TryGetValue(tool, out var parameters)
            && parameters.TryGetValue(parameter, out var types)
            && types != JsonTypes.None
            ? types
            : JsonTypes.String;

    private static Dictionary<string, JsonTypes> ReadParameters(string json)
    {
        var types = new Dictionary<string, JsonTypes>(StringComparer.Ordinal);
        try
        {
            using var document = PythonJson.Parse(json);
            if (Property(document.RootElement, "properties") is { ValueKind: JsonValueKind.Object } properties)
            {
                foreach (var (name, schema) in PythonJson.Members(properties))
                {
                    types[name] = Types(schema, document.RootElement, MaxDepth);
                }
            }
        }
        catch (FormatException)
        {
            // A tool without a readable schema still takes text.
        }

        return types;
    }

    private static JsonTypes Types(JsonElement schema, JsonElement root, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth == 0)
        {
            return JsonTypes.None;
        }

        var types = Named(Property(schema, "type")) | ValueTypes(Property(schema, "enum"));
        types |= Property(schema, "const") is { } constant ? TypeOf(constant) : JsonTypes.None;
        types |= Property(schema, "nullable") is { ValueKind: JsonValueKind.True } ? JsonTypes.Null : JsonTypes.None;
        foreach (var name in (ReadOnlySpan<string>)["anyOf", "oneOf", "allOf"])
        {
            if (Property(schema, name) is { ValueKind: JsonValueKind.Array } alternatives)
            {
                types = alternatives.EnumerateArray().Aggregate(types, (sum, inner) => sum | Types(inner, root, depth - 1));
            }
        }

        if (Property(schema, "$ref") is { ValueKind: JsonValueKind.String } reference
            && Resolve(root, PythonJson.Text(reference)) is { } target)
        {
            types |= Types(target, root, depth - 1);
        }

        return types;
    }

    private static JsonTypes Named(JsonElement? type) => type switch
    {
        { ValueKind: JsonValueKind.String } name => PythonJson.Text(name) switch
        {
            "null" => JsonTypes.Null,
            "boolean" => JsonTypes.Boolean,
            "integer" => JsonTypes.Integer,
            "number" => JsonTypes.Number,
            "object" => JsonTypes.Object,
            "array" => JsonTypes.Array,
            "string" => JsonTypes.String,
            _ => JsonTypes.None,
        },
        { ValueKind: JsonValueKind.Array } names => names.EnumerateArray()
            .Where(name => name.ValueKind == JsonValueKind.String)
            .Aggregate(JsonTypes.None, (sum, name) => sum | Named(name)),
        _ => JsonTypes.None,
    };

    private static JsonTypes ValueTypes(JsonElement? values)
        => values is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Aggregate(JsonTypes.None, (sum, value) => sum | TypeOf(value))
            : JsonTypes.None;

    private static JsonTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonTypes.Null,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        JsonValueKind.Number => value.GetRawText().AsSpan().IndexOfAny(".eE") < 0 ? JsonTypes.Integer : JsonTypes.Number,
        JsonValueKind.Object => JsonTypes.Object,
        JsonValueKind.Array => JsonTypes.Array,
        _ => JsonTypes.String,
    };

    // "#/$defs/Name": a path from the schema's root.
    private static JsonElement? Resolve(JsonElement root, string reference)
    {
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
        {
            return null;
        }

        JsonElement? at = root;
        foreach (var step in reference[2..].Split('/'))
        {
            at = at is { } parent
                ? Property(parent, step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))
                : null;
        }

        return at;
    }

    private static JsonElement? Property(JsonElement parent, string name)
        => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : null;
}
