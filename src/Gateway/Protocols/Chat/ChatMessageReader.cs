using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Chat;

/// <summary>Reads the messages of Chat Completions.</summary>
internal static class ChatMessageReader
{
    public static ImmutableArray<ChatMessage> Read(ApiField messages)
    {
        var conversation = new Conversation();
        foreach (var message in messages.IsArray ? messages.Items(ApiLimits.Messages) : throw messages.Fault("must be an array of messages"))
        {
            Add(conversation, message.RequireObject());
        }

        return conversation.ToMessages(messages);
    }

    private static void Add(Conversation conversation, ApiField message)
    {
        switch (message["role"].Text())
        {
            case "system" or "developer":
                conversation.AddSystem(ContentReader.Text(message["content"]));
                break;
            case "user":
                conversation.AddUser(ContentReader.Text(message["content"]));
                break;
            case "assistant":
                var text = ContentReader.Text(message["content"]);
                conversation.AddAssistant(text.Length > 0 ? text : message["refusal"].OptionalText() ?? "", Thinking(message), Calls(message));
                break;
            case "tool":
                conversation.AddResult(message["tool_call_id"].Text(), ContentReader.Parts(message["content"]), message);
                break;
            case "function":
                conversation.AddResult(message["name"].Text(), ContentReader.Parts(message["content"]), message);
                break;
            default:
                throw message["role"].Fault("must be one of system, developer, user, assistant, tool, function");
        }
    }

    // Hosts differ in where thinking is; a client sends back what it was given.
    private static string? Thinking(ApiField message)
    {
        if (message["reasoning_content"].IsGiven)
        {
            return message["reasoning_content"].Text();
        }

        if (message["reasoning_details"].IsGiven)
        {
            return string.Concat(message["reasoning_details"].Items(ApiLimits.Parts).Select(detail => detail.RequireObject()["text"].OptionalText()));
        }

        return message["reasoning"].TextOrNothing();
    }

    private static ImmutableArray<ToolCall> Calls(ApiField message)
    {
        var older = message["function_call"];
        if (older.IsGiven && !message["tool_calls"].IsGiven)
        {
            var name = older.RequireObject()["name"].Text();
            return [new ToolCall(name, name, ToolArguments.OfText(older["arguments"]))];
        }

        return [.. message["tool_calls"].Items(ApiLimits.Parts).Select(call => Call(call.RequireObject()))];
    }

    private static ToolCall Call(ApiField call)
    {
        var id = call["id"].Text();
        if (call["type"].OptionalText() == "custom")
        {
            var custom = call["custom"].RequireObject();
            return new ToolCall(id, custom["name"].Text(), ToolArguments.OfInput(custom["input"].Text()));
        }

        var function = call["function"].RequireObject();
        return new ToolCall(id, function["name"].Text(), ToolArguments.OfText(function["arguments"]));
    }
}
