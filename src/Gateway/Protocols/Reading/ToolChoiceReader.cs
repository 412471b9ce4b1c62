namespace Forge.Gateway.Protocols.Reading;

/// <summary>Reads OpenAI's <c>tool_choice</c>, whose parts Chat Completions nests and Responses does not.</summary>
internal static class ToolChoiceReader
{
    public static ToolChoice Read(ApiField choice, ToolList tools)
    {
        if (!choice.IsGiven)
        {
            return ToolChoice.Auto;
        }

        return choice.IsText ? OfWord(choice, choice.OptionalWord("auto", "none", "required")!, tools) : OfObject(choice, tools);
    }

    /// <summary>A choice of one tool, which must be there.</summary>
    public static ToolChoice Named(ApiField name, ToolList tools)
        => tools.Contains(name.Text()) ? new ToolChoice(ToolChoiceMode.Named, name.Text()) : throw name.Fault("must be the name of one of tools");

    private static ToolChoice OfWord(ApiField choice, string word, ToolList tools) => word switch
    {
        "none" => new ToolChoice(ToolChoiceMode.None),
        "required" => tools.ToTools().IsEmpty
            ? throw choice.Fault("needs a tool in tools that this model can call")
            : new ToolChoice(ToolChoiceMode.Required),
        _ => ToolChoice.Auto,
    };

    private static ToolChoice OfObject(ApiField choice, ToolList tools)
    {
        var kind = choice.RequireObject()["type"].Text();
        switch (kind)
        {
            case "function" or "custom":
                return Named(choice[kind].IsGiven ? choice[kind]["name"] : choice["name"], tools);
            case "allowed_tools":
                return OfAllowed(choice["allowed_tools"].IsGiven ? choice["allowed_tools"] : choice, tools);
            default:
                // A tool that only its vendor runs was left out of the tools, and so is the wish to use it.
                return ToolChoice.Auto;
        }
    }

    private static ToolChoice OfAllowed(ApiField allowed, ToolList tools)
    {
        var mode = allowed["mode"].OptionalWord("auto", "required") ?? "auto";
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tool in allowed["tools"].Items(ApiLimits.Tools))
        {
            var kind = tool.RequireObject()["type"].OptionalText() ?? "function";
            var name = tool[kind].IsObject ? tool[kind]["name"] : tool["name"];
            if (name.IsGiven)
            {
                names.Add(name.Text());
            }
        }

        tools.Keep(names);
        return OfWord(allowed["mode"], mode, tools);
    }
}
