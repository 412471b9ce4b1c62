using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Gateway.Protocols.Chat;

namespace Forge.Gateway.Protocols.Legacy;

/// <summary>Speaks OpenAI's older <c>/completions</c>: the prompt is said as the user's, the answer's visible text comes back.</summary>
internal sealed class LegacyProtocol : IApiProtocol
{
    public ApiRequest Read(JsonElement body) => LegacyRequestReader.Read(body);

    public JsonObject Write(ApiRequest request, ApiReply reply) => LegacyReplyWriter.Write(request, reply);

    public IApiEvents Begin(ApiRequest request, string id, DateTimeOffset created) => new LegacyEvents(request, id, created);

    public JsonObject WriteFault(ApiFaultException fault, string requestId) => OpenAiFault.Write(fault);

    public int StatusOf(ApiFaultKind kind) => OpenAiFault.StatusOf(kind);
}
