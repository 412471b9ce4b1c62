using System.Text.Json;
using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Chat;

/// <summary>Speaks OpenAI's Chat Completions.</summary>
internal sealed class ChatProtocol : IApiProtocol
{
    public ApiRequest Read(JsonElement body) => ChatRequestReader.Read(body);

    public JsonObject Write(ApiRequest request, ApiReply reply) => ChatReplyWriter.Write(request, reply);

    public IApiEvents Begin(ApiRequest request, string id, DateTimeOffset created) => new ChatEvents(request, id, created);

    public JsonObject WriteFault(ApiFaultException fault, string requestId) => OpenAiFault.Write(fault);

    public int StatusOf(ApiFaultKind kind) => OpenAiFault.StatusOf(kind);
}
