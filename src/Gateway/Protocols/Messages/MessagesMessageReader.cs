using System.Collections.Immutable;
using System.Text;
using Forge.Core.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Messages;

/// <summary>Reads system blocks and messages as a conversation; results of tools, which come in the user's messages, become messages of their own.</summary>
internal static class MessagesMessageReader
{
    private const string SilentError = "error";

    public static ImmutableArray<ChatMessage> Read(ApiField body)
    {
        var conversation = new Conversation();
        if (ContentReader.Text(body["system"]) is { Length: > 0 } system)
        {
            conversation.AddSystem(system);
        }

        var messages = body["messages"];
        foreach (var message in messages.IsArray ? messages.Items(ApiLimits.Messages) : throw messages.Fault("must be an array of messages"))
        {
            Add(conversation, message.RequireObject());
        }

        return conversation.ToMessages(messages);
    }

    private static void Add(Conversation conversation, ApiField message)
    {
        var content = message["content"];
        switch (message["role"].Text())
        {
            case "system":
                conversation.AddSystem(ContentReader.Text(content));
                break;
            case "user" when content.IsText:
                conversation.AddUser(content.Text());
                break;
            case "user":
                AddUser(conversation, content);
                break;
            case "assistant" when content.IsText:
                conversation.AddAssistant(content.Text(), null, []);
                break;
            case "assistant":
                AddAssistant(conversation, content);
                break;
            default:
                throw message["role"].Fault("must be one of user, assistant, system");
        }
    }

    private static void AddUser(Conversation conversation, ApiField content)
    {
        var text = new StringBuilder();
        var said = false;
        foreach (var block in Blocks(content))
        {
            if (block["type"].Text() != "tool_result")
            {
                text.Append(UserText(block));
                said = true;
                continue;
            }

            if (said)
            {
                conversation.AddUser(text.ToString());
                text.Clear();
                said = false;
            }

            conversation.AddResult(block["tool_use_id"].Text(), Result(block), block);
        }

        if (said)
        {
            conversation.AddUser(text.ToString());
        }
    }

    private static ImmutableArray<string> Result(ApiField block)
    {
        var failed = block["is_error"].Flag(false);
        var content = block["content"];
        ImmutableArray<string> parts = content.IsArray ? [.. Blocks(content).Select(UserText)] : ContentReader.Parts(content);
        return failed && parts.All(part => part.Length == 0) ? [SilentError] : parts;
    }

    private static string UserText(ApiField block)
    {
        var source = block["source"];
        return block["type"].Text() switch
        {
            "document" when source["type"].TextOrNothing() == "text" => source["data"].Text(),
            "document" when source["type"].TextOrNothing() == "content" => ContentReader.Text(source["content"]),
            "search_result" => ContentReader.Text(block["content"]),
            "text" => block["text"].Text(),
            var kind => ContentReader.Note(kind.Length <= ApiLimits.ShownLength ? kind : kind[..ApiLimits.ShownLength]),
        };
    }

    private static void AddAssistant(Conversation conversation, ApiField content)
    {
        var (text, thinking) = (new StringBuilder(), new StringBuilder());
        var calls = ImmutableArray.CreateBuilder<ToolCall>();
        foreach (var block in Blocks(content))
        {
            switch (block["type"].Text())
            {
                case "text":
                    text.Append(block["text"].Text());
                    break;
                case "thinking":
                    thinking.Append(Thinking(block));
                    break;
                case "redacted_thinking":
                    thinking.Append(ThinkingSeal.Open(block["data"].Text()));
                    break;
                case "tool_use":
                    calls.Add(new ToolCall(block["id"].Text(), block["name"].Text(), ToolArguments.OfObject(block["input"])));
                    break;
                default:
                    // What a vendor's own tool did; this model never called it.
                    break;
            }
        }

        conversation.AddAssistant(text.ToString(), thinking.ToString(), calls.DrainToImmutable());
    }

    // A signature of another vendor says nothing here; one of ours carries the thinking, should the text be left out.
    private static string? Thinking(ApiField block)
    {
        var signature = block["signature"].OptionalText();
        return block["thinking"].OptionalText() is { Length: > 0 } text ? text : ThinkingSeal.Open(signature);
    }

    private static IEnumerable<ApiField> Blocks(ApiField content)
        => content.IsArray || !content.IsGiven
            ? content.Items(ApiLimits.Parts).Select(block => block.RequireObject())
            : throw content.Fault("must be a string or an array of blocks");
}
