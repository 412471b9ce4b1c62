using System.Text.Json.Nodes;
using Forge.Gateway.Protocols.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Legacy;

/// <summary>Writes one stream of the older completions.</summary>
internal sealed class LegacyEvents(ApiRequest request, string id, DateTimeOffset created) : IApiEvents
{
    private static readonly ServerSentEvent Done = new(null, "[DONE]");

    /// <summary>There is nothing to say before the text.</summary>
    public IEnumerable<ServerSentEvent> Open() => [];

    public ServerSentEvent NoOp() => Chunk(0, "", null, null);

    public IEnumerable<ServerSentEvent> Finish(ApiReply reply)
    {
        for (var index = 0; index < reply.Choices.Length; index++)
        {
            var choice = reply.Choices[index];
            foreach (var piece in TextCuts.Of(LegacyReplyWriter.Text(request, choice)))
            {
                yield return Chunk(index, piece, null, null);
            }

            yield return Chunk(index, "", LegacyReplyWriter.LogProbs(request, choice), LegacyReplyWriter.FinishReason(choice.End));
        }

        if (request.IncludeUsage)
        {
            var last = LegacyReplyWriter.Envelope(request.Model, id, created, []);
            last["usage"] = ChatReplyWriter.Usage(reply.Usage);
            yield return ApiJson.Event(null, last);
        }

        yield return Done;
    }

    public IEnumerable<ServerSentEvent> Fail(ApiFaultException fault) => [ApiJson.Event(null, OpenAiFault.Write(fault)), Done];

    private ServerSentEvent Chunk(int index, string text, JsonObject? logProbs, string? finish)
    {
        var chunk = LegacyReplyWriter.Envelope(request.Model, id, created, [new JsonObject
        {
            ["text"] = text,
            ["index"] = index,
            ["logprobs"] = logProbs,
            ["finish_reason"] = finish,
        }]);
        if (request.IncludeUsage)
        {
            chunk["usage"] = null;
        }

        return ApiJson.Event(null, chunk);
    }
}
