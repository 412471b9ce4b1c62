using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Chat;

/// <summary>Writes one stream of Chat Completions: thinking before text before calls, then why it ended, then usage if it was asked for.</summary>
internal sealed class ChatEvents(ApiRequest request, string id, DateTimeOffset created) : IApiEvents
{
    private static readonly ServerSentEvent Done = new(null, "[DONE]");

    public IEnumerable<ServerSentEvent> Open()
        => Enumerable.Range(0, request.Count).Select(index => Chunk(index, new JsonObject { ["role"] = "assistant", ["content"] = "" }));

    public ServerSentEvent NoOp() => Chunk(0, []);

    public IEnumerable<ServerSentEvent> Finish(ApiReply reply)
    {
        for (var index = 0; index < reply.Choices.Length; index++)
        {
            foreach (var chunk in Choice(reply, index))
            {
                yield return chunk;
            }
        }

        if (request.IncludeUsage)
        {
            var last = Envelope(ChatReplyWriter.Fingerprint(reply), []);
            last["usage"] = ChatReplyWriter.Usage(reply.Usage);
            yield return ApiJson.Event(null, last);
        }

        yield return Done;
    }

    public IEnumerable<ServerSentEvent> Fail(ApiFaultException fault) => [ApiJson.Event(null, OpenAiFault.Write(fault)), Done];

    private IEnumerable<ServerSentEvent> Choice(ApiReply reply, int index)
    {
        var choice = reply.Choices[index];
        var fingerprint = ChatReplyWriter.Fingerprint(reply);
        var deltas = Deltas(choice.Message).ToList();
        var sent = 0;
        for (var at = 0; at < deltas.Count; at++)
        {
            // Clients join the pieces; each carries its share of the tokens, the last what is left.
            var upTo = (int)((long)choice.Tokens.Length * (at + 1) / deltas.Count);
            yield return Chunk(index, deltas[at], fingerprint, LogProbs(choice, sent, upTo));
            sent = upTo;
        }

        yield return Chunk(index, [], fingerprint, LogProbs(choice, sent, choice.Tokens.Length), ChatReplyWriter.FinishReason(request, choice.End));
    }

    private IEnumerable<JsonObject> Deltas(ChatMessage message)
    {
        foreach (var piece in TextCuts.Of(message.ReasoningContent ?? ""))
        {
            var delta = new JsonObject { ["reasoning_content"] = piece };
            if (request.ReasoningSplit)
            {
                delta["reasoning_details"] = ChatReplyWriter.Details(piece);
            }

            yield return delta;
        }

        foreach (var piece in TextCuts.Of(message.Content))
        {
            yield return new JsonObject { ["content"] = piece };
        }

        for (var index = 0; index < message.ToolCalls.Length; index++)
        {
            foreach (var delta in ChatEcho.HasFunctions(request) ? FunctionCall(message.ToolCalls[index]) : Call(message.ToolCalls[index], index))
            {
                yield return delta;
            }
        }
    }

    private IEnumerable<JsonObject> Call(ToolCall call, int index)
    {
        var whole = ChatReplyWriter.Call(request, call);
        var (shape, text) = ChatEcho.TakesFreeText(request, call.Name) ? ("custom", "input") : ("function", "arguments");
        var pieces = TextCuts.Of(whole[shape]![text]!.GetValue<string>()).ToList();
        whole["index"] = index;
        whole[shape]![text] = "";
        yield return new JsonObject { ["tool_calls"] = new JsonArray(whole) };
        foreach (var piece in pieces)
        {
            yield return new JsonObject
            {
                ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = index, [shape] = new JsonObject { [text] = piece } }),
            };
        }
    }

    private static IEnumerable<JsonObject> FunctionCall(ToolCall call)
    {
        yield return new JsonObject { ["function_call"] = ChatReplyWriter.Function(call.Name, "") };
        foreach (var piece in TextCuts.Of(call.ArgumentsJson))
        {
            yield return new JsonObject { ["function_call"] = new JsonObject { ["arguments"] = piece } };
        }
    }

    private JsonObject? LogProbs(ApiChoice choice, int from, int upTo)
        => request.Sampling.LogProbs && upTo > from ? LogProbsWriter.Write(choice.Tokens.AsSpan()[from..upTo]) : null;

    private ServerSentEvent Chunk(int index, JsonObject delta, string? fingerprint = null, JsonObject? logProbs = null, string? finish = null)
    {
        var chunk = Envelope(fingerprint, [new JsonObject
        {
            ["index"] = index,
            ["delta"] = delta,
            ["logprobs"] = logProbs,
            ["finish_reason"] = finish,
        }]);
        if (request.IncludeUsage)
        {
            chunk["usage"] = null;
        }

        return ApiJson.Event(null, chunk);
    }

    private JsonObject Envelope(string? fingerprint, JsonArray choices)
    {
        var chunk = new JsonObject
        {
            ["id"] = ChatReplyWriter.IdPrefix + id,
            ["object"] = "chat.completion.chunk",
            ["created"] = created.ToUnixTimeSeconds(),
            ["model"] = request.Model,
            ["choices"] = choices,
        };
        if (fingerprint is not null)
        {
            chunk["system_fingerprint"] = fingerprint;
        }

        return chunk;
    }
}
