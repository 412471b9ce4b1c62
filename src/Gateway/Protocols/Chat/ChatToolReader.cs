using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Chat;

/// <summary>Reads tools and the choice among them, in the present words and in the older ones (<c>functions</c>).</summary>
internal static class ChatToolReader
{
    public static ToolList Read(ApiField body)
    {
        var tools = new ToolList();
        foreach (var tool in body["tools"].Items(ApiLimits.Tools))
        {
            Add(tools, tool.RequireObject());
        }

        if (!body["tools"].IsGiven)
        {
            foreach (var function in body["functions"].Items(ApiLimits.Tools))
            {
                tools.AddFunction(function.RequireObject()["name"].NameText(), function, "parameters", verbatim: true);
            }
        }

        return tools;
    }

    public static ToolChoice ReadChoice(ApiField body, ToolList tools)
    {
        var older = body["function_call"];
        return body["tool_choice"].IsGiven || !older.IsGiven ? ToolChoiceReader.Read(body["tool_choice"], tools)
            : older.IsText ? ToolChoiceReader.Read(older, tools)
            : ToolChoiceReader.Named(older.RequireObject()["name"], tools);
    }

    private static void Add(ToolList tools, ApiField tool)
    {
        switch (tool["type"].OptionalText() ?? "function")
        {
            case "function":
                var function = tool["function"].RequireObject();
                tools.AddFunction(function["name"].NameText(), function, "parameters", verbatim: true);
                break;
            case "custom":
                var custom = tool["custom"].RequireObject();
                tools.AddFreeText(custom["name"].NameText(), custom);
                break;
            default:
                // A kind that only its vendor runs.
                break;
        }
    }
}
