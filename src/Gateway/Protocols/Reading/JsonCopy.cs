using System.Text.Json;
using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Reading;

/// <summary>Takes values over into nodes that outlive the request's document; of a repeated key the last value stands.</summary>
internal static class JsonCopy
{
    public static JsonObject Object(JsonElement value)
    {
        var copy = new JsonObject();
        foreach (var member in value.EnumerateObject())
        {
            copy[member.Name] = Node(member.Value);
        }

        return copy;
    }

    public static JsonNode? Node(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Object(value),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(Node)]),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => JsonValue.Create(value.Clone()),
    };
}
