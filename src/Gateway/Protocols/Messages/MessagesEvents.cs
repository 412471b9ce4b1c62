using System.Text.Json.Nodes;
using Forge.Gateway.Protocols.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Messages;

/// <summary>Writes one stream of Messages: its start, one block after the other, why it ended.</summary>
internal sealed class MessagesEvents(ApiRequest request, string id) : IApiEvents
{
    public IEnumerable<ServerSentEvent> Open()
    {
        var usage = MessagesReplyWriter.Usage(new ApiUsage(0, 0, 0, 0));
        yield return Event("message_start", ("message", MessagesReplyWriter.Envelope(request.Model, id, [], usage)));
        yield return NoOp();
    }

    public ServerSentEvent NoOp() => Event("ping");

    public IEnumerable<ServerSentEvent> Finish(ApiReply reply)
    {
        var choice = reply.Choices[0];
        var index = 0;
        foreach (var block in MessagesReplyWriter.Blocks(request, choice.Message))
        {
            foreach (var written in Block(block, index))
            {
                yield return written;
            }

            index++;
        }

        var delta = new JsonObject
        {
            ["stop_reason"] = MessagesReplyWriter.StopReason(choice.End),
            ["stop_sequence"] = choice.End == ApiEnd.StopText ? choice.StopText : null,
            ["stop_details"] = null,
        };
        yield return Event(
            "message_delta",
            ("delta", delta),
            ("usage", MessagesReplyWriter.Usage(reply.Usage)),
            ("system_fingerprint", ChatReplyWriter.Fingerprint(reply)));
        yield return Event("message_stop");
    }

    public IEnumerable<ServerSentEvent> Fail(ApiFaultException fault) => [ApiJson.Event("error", AnthropicFault.Write(fault, requestId: null))];

    private static IEnumerable<ServerSentEvent> Block(JsonObject block, int index)
    {
        // A block starts empty; its text follows in pieces, and a signature in one.
        var signature = block["signature"]?.GetValue<string>();
        var (kind, field, text) = Take(block);
        yield return Event("content_block_start", ("index", index), ("content_block", block));
        foreach (var piece in TextCuts.Of(text))
        {
            yield return Delta(index, kind, field, piece);
        }

        if (signature is not null)
        {
            yield return Delta(index, "signature_delta", "signature", signature);
        }

        yield return Event("content_block_stop", ("index", index));
    }

    private static (string Kind, string Field, string Text) Take(JsonObject block)
    {
        string text;
        switch (block["type"]!.GetValue<string>())
        {
            case "thinking":
                text = block["thinking"]!.GetValue<string>();
                (block["thinking"], block["signature"]) = ("", "");
                return ("thinking_delta", "thinking", text);
            case "tool_use":
                text = ApiJson.Print(block["input"]!);
                block["input"] = new JsonObject();
                return ("input_json_delta", "partial_json", text);
            default:
                text = block["text"]!.GetValue<string>();
                block["text"] = "";
                return ("text_delta", "text", text);
        }
    }

    private static ServerSentEvent Delta(int index, string kind, string field, string piece)
        => Event("content_block_delta", ("index", index), ("delta", new JsonObject { ["type"] = kind, [field] = piece }));

    private static ServerSentEvent Event(string type, params ReadOnlySpan<(string Name, JsonNode Value)> fields)
    {
        var data = new JsonObject { ["type"] = type };
        foreach (var (name, value) in fields)
        {
            data[name] = value;
        }

        return ApiJson.Event(type, data);
    }
}
