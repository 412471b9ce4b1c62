using System.Text.Json;
using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols;

/// <summary>One API as a view: reads its requests into <see cref="ApiRequest"/>, writes answers, events and errors in its shapes. Stateless.</summary>
public interface IApiProtocol
{
    /// <exception cref="ApiFaultException">The request breaks the API's rules; unknown fields, tools and betas do not.</exception>
    ApiRequest Read(JsonElement body);

    /// <summary>The body of an answer that is not streamed.</summary>
    JsonObject Write(ApiRequest request, ApiReply reply);

    /// <summary>Begins a stream.</summary>
    IApiEvents Begin(ApiRequest request, string id, DateTimeOffset created);

    /// <summary>The body of an error.</summary>
    JsonObject WriteFault(ApiFaultException fault, string requestId);

    /// <summary>The status of an error.</summary>
    int StatusOf(ApiFaultKind kind);
}
