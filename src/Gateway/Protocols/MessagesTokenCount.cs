using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Gateway.Protocols.Messages;

namespace Forge.Gateway.Protocols;

/// <summary>Reads and answers <c>/messages/count_tokens</c>: a request of Messages without a limit, answered with a number.</summary>
public static class MessagesTokenCount
{
    /// <exception cref="ApiFaultException">The request breaks the API's rules.</exception>
    public static ApiRequest Read(JsonElement body) => MessagesRequestReader.Read(body, refusesSampling: false, needsLimit: false);

    public static JsonObject Write(int tokens) => new() { ["input_tokens"] = tokens };
}
