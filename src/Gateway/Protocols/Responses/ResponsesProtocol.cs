using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Gateway.Protocols.Chat;

namespace Forge.Gateway.Protocols.Responses;

/// <summary>Speaks OpenAI's Responses. Nothing is stored: a conversation comes whole with each call.</summary>
internal sealed class ResponsesProtocol : IApiProtocol
{
    public ApiRequest Read(JsonElement body) => ResponsesRequestReader.Read(body);

    public JsonObject Write(ApiRequest request, ApiReply reply)
        => new ResponseBody(request, reply.Id, reply.Created).Ended(reply, [.. ResponseItems.Of(request, reply).Select(item => item.Done())]);

    public IApiEvents Begin(ApiRequest request, string id, DateTimeOffset created) => new ResponsesEvents(request, id, created);

    public JsonObject WriteFault(ApiFaultException fault, string requestId) => OpenAiFault.Write(fault);

    public int StatusOf(ApiFaultKind kind) => OpenAiFault.StatusOf(kind);
}
