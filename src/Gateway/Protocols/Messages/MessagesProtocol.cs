using System.Text.Json;
using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Messages;

/// <summary>Speaks Anthropic's Messages, in the versions 2023-06-01 and 2026-10-21.</summary>
/// <param name="refusesSampling">
/// Whether temperature, top_p and top_k are refused, as the vendor does from 2026-10-21 on; else they are read, and recorded as asked for.
/// </param>
internal sealed class MessagesProtocol(bool refusesSampling) : IApiProtocol
{
    public ApiRequest Read(JsonElement body) => MessagesRequestReader.Read(body, refusesSampling, needsLimit: true);

    public JsonObject Write(ApiRequest request, ApiReply reply) => MessagesReplyWriter.Write(request, reply);

    public IApiEvents Begin(ApiRequest request, string id, DateTimeOffset created) => new MessagesEvents(request, id);

    public JsonObject WriteFault(ApiFaultException fault, string requestId) => AnthropicFault.Write(fault, requestId);

    public int StatusOf(ApiFaultKind kind) => AnthropicFault.StatusOf(kind);
}
