using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>Short ways to ask a view.</summary>
internal static class Views
{
    public static ApiRequest Read(this IApiProtocol view, string json) => view.Read(Requests.Parse(json));

    /// <summary>A request of the view with further fields.</summary>
    public static ApiRequest ReadWith(this IApiProtocol view, string fields) => view.Read(Minimal(view, fields));

    /// <summary>The smallest request that a view takes, and more.</summary>
    public static string Minimal(IApiProtocol view, string fields)
    {
        var own = view == ApiProtocols.Chat ? """ "messages":[{"role":"user","content":"hi"}] """
            : view == ApiProtocols.Responses ? """ "input":"hi" """
            : view == ApiProtocols.Legacy ? """ "prompt":"hi" """
            : """ "max_tokens":9,"messages":[{"role":"user","content":"hi"}] """;
        var request = JsonNode.Parse($$$"""{"model":"forge",{{{own}}}}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse($"{{{fields}}}")!.AsObject())
        {
            request[name] = value?.DeepClone();
        }

        return request.ToJsonString();
    }

    public static ApiFaultException Refuse(this IApiProtocol view, string json) => Assert.Throws<ApiFaultException>(() => view.Read(json));

    public static ApiFaultException RefuseWith(this IApiProtocol view, string fields)
        => Assert.Throws<ApiFaultException>(() => view.Read(Minimal(view, fields)));

    /// <summary>A whole stream: opening, one no-op, the reply.</summary>
    public static List<ServerSentEvent> Stream(this IApiProtocol view, ApiRequest request, ApiReply reply)
    {
        var events = view.Begin(request, reply.Id, reply.Created);
        return [.. events.Open(), events.NoOp(), .. events.Finish(reply)];
    }

    public static List<JsonNode> Data(this IEnumerable<ServerSentEvent> events)
        => [.. events.Where(one => one.Data != "[DONE]").Select(one => JsonNode.Parse(one.Data)!)];

    public static JsonNode Parsed(this ServerSentEvent one) => JsonNode.Parse(one.Data)!;

    public static string Said(this ApiRequest request)
        => string.Join(" | ", request.Messages.Select(message => $"{message.Role}: {message.Content}"));

    public static string? Text(this JsonNode? node) => node?.GetValueKind() == JsonValueKind.Null ? null : node?.GetValue<string>();

    /// <summary>What the pieces of a stream join to, by a path such as <c>delta.content</c>.</summary>
    public static string Joined(this IEnumerable<JsonNode> events, Func<JsonNode, JsonNode?> piece) => string.Concat(events.Select(piece).Select(Text));

    public static ChatMessage Last(this ApiRequest request) => request.Messages[^1];
}
