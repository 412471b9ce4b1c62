using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Responses;

/// <summary>Reads instructions and items as a conversation; the items that one answer was made of become one message again.</summary>
internal static class ResponsesItemReader
{
    public static ImmutableArray<ChatMessage> Read(ApiField body)
    {
        var conversation = new Conversation();
        if (body["instructions"].OptionalText() is { Length: > 0 } instructions)
        {
            conversation.AddSystem(instructions);
        }

        var input = body["input"];
        if (input.IsText)
        {
            conversation.AddUser(input.Text());
            return conversation.ToMessages(input);
        }

        var turn = new AssistantTurn(conversation);
        foreach (var item in input.IsArray ? input.Items(ApiLimits.Messages) : throw input.Fault("must be a string or an array of items"))
        {
            Add(conversation, turn, item.RequireObject());
        }

        turn.End();
        return conversation.ToMessages(input);
    }

    private static void Add(Conversation conversation, AssistantTurn turn, ApiField item)
    {
        switch (item["type"].OptionalText() ?? (item["role"].IsGiven ? "message" : "item_reference"))
        {
            case "message":
                AddMessage(conversation, turn, item);
                break;
            case "reasoning":
                turn.AddThinking(Thinking(item));
                break;
            case "function_call":
                turn.AddCall(new ToolCall(item["call_id"].Text(), CallName(item), ToolArguments.OfText(item["arguments"])));
                break;
            case "custom_tool_call":
                turn.AddCall(new ToolCall(item["call_id"].Text(), CallName(item), ToolArguments.OfInput(item["input"].Text())));
                break;
            case "function_call_output" or "custom_tool_call_output":
                turn.End();
                conversation.AddResult(item["call_id"].OptionalText(), ContentReader.Parts(item["output"]), item);
                break;
            case "compaction" or "compaction_summary":
                turn.End();
                conversation.AddUser(ThinkingSeal.Open(item["encrypted_content"].TextOrNothing()) ?? ContentReader.Note("compaction"));
                break;
            case "item_reference":
                throw new ApiFaultException(
                    ApiFaultKind.Invalid,
                    $"{item.Name()} refers to item '{item["id"].OptionalText()}': items are not kept here. Send the item itself (store: false).",
                    item.Name());
            default:
                // What a vendor's own tool did or said; this model never called it.
                break;
        }
    }

    private static void AddMessage(Conversation conversation, AssistantTurn turn, ApiField item)
    {
        var text = ContentReader.Text(item["content"]);
        switch (item["role"].Text())
        {
            case "assistant":
                turn.AddText(text);
                break;
            case "user":
                turn.End();
                conversation.AddUser(text);
                break;
            case "system" or "developer":
                turn.End();
                conversation.AddSystem(text);
                break;
            default:
                throw item["role"].Fault("must be one of user, assistant, system, developer");
        }
    }

    // The text itself, else what carries it, else the summary, which here is the whole of it.
    private static string Thinking(ApiField item)
    {
        var text = ContentReader.Text(item["content"]);
        return text.Length > 0 ? text
            : ThinkingSeal.Open(item["encrypted_content"].TextOrNothing()) ?? ContentReader.Text(item["summary"]);
    }

    private static string CallName(ApiField item) => ResponsesToolReader.FlatName(item["namespace"].OptionalText(), item["name"].Text());
}
