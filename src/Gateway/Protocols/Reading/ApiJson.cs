using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Reading;

/// <summary>Prints JSON for programs: what is not ASCII stays as it is, since nothing of it is put into a page.</summary>
internal static class ApiJson
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Print(JsonNode node) => node.ToJsonString(Options);

    public static ServerSentEvent Event(string? name, JsonObject data) => new(name, Print(data));
}
