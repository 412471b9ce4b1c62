using System.Text.Json.Nodes;

namespace Forge.AgentSide.OpenEnv;

/// <summary>One message from the server.</summary>
/// <param name="Type"><c>observation</c>, <c>state</c> or <c>error</c>.</param>
/// <param name="Data">Its data; empty when there is none.</param>
internal sealed record OpenEnvReply(string Type, JsonObject Data)
{
    public bool IsError => Type == "error";

    public string Code => Text("code");

    public string Message => Text("message");

    /// <summary>Errors of what was sent; the others are the server's, after which the session may be gone.</summary>
    public bool IsSendersFault => Code is "INVALID_JSON" or "UNKNOWN_TYPE" or "VALIDATION_ERROR";

    public JsonNode? Observation => Data["observation"];

    public double? Reward => Data["reward"] is JsonValue value && value.TryGetValue<double>(out var reward) ? reward : null;

    public bool Done => Data["done"] is JsonValue value && value.TryGetValue<bool>(out var done) && done;

    private string Text(string key) => Data[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
