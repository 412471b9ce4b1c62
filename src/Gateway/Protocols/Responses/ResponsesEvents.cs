using System.Text.Json.Nodes;
using Forge.Gateway.Protocols.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Responses;

/// <summary>Writes one stream of Responses; its events are numbered without holes.</summary>
internal sealed class ResponsesEvents(ApiRequest request, string id, DateTimeOffset created) : IApiEvents
{
    private readonly ResponseBody _body = new(request, id, created);
    private int _sequence;

    public IEnumerable<ServerSentEvent> Open()
    {
        yield return Whole("response.created", _body.InProgress());
        yield return Whole("response.in_progress", _body.InProgress());
    }

    public ServerSentEvent NoOp() => Whole("response.in_progress", _body.InProgress());

    public IEnumerable<ServerSentEvent> Finish(ApiReply reply)
    {
        var output = new JsonArray();
        foreach (var item in ResponseItems.Of(request, reply))
        {
            var index = output.Count;
            yield return Of(new JsonObject { ["type"] = "response.output_item.added", ["item"] = item.Begun }, index);
            foreach (var inner in item.Events)
            {
                yield return Of(inner, index);
            }

            yield return Of(new JsonObject { ["type"] = "response.output_item.done", ["item"] = item.Done() }, index);
            output.Add((JsonNode)item.Done());
        }

        var ended = _body.Ended(reply, output);
        yield return Whole($"response.{ended["status"]}", ended);
    }

    /// <summary>The answer failed; before there was one, a bare error.</summary>
    public IEnumerable<ServerSentEvent> Fail(ApiFaultException fault)
    {
        if (_sequence > 0)
        {
            yield return Whole("response.failed", _body.Failed(fault));
        }
        else
        {
            yield return Numbered(new JsonObject
            {
                ["type"] = "error",
                ["code"] = OpenAiFault.CodeOf(fault.Kind),
                ["message"] = fault.Message,
                ["param"] = fault.Param,
            });
        }
    }

    private ServerSentEvent Whole(string type, JsonObject response) => Numbered(new JsonObject { ["type"] = type, ["response"] = response });

    private ServerSentEvent Of(JsonObject data, int index)
    {
        data["output_index"] = index;
        return Numbered(data);
    }

    private ServerSentEvent Numbered(JsonObject data)
    {
        data["sequence_number"] = _sequence++;
        return ApiJson.Event(data["type"]!.GetValue<string>(), data);
    }
}
