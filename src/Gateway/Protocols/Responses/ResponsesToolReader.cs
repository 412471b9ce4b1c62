using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Responses;

/// <summary>Reads tools: functions and free-text tools, those in a group under a flat name. Other kinds only their vendor runs; they are left out.</summary>
internal static class ResponsesToolReader
{
    private const string Joint = "__";

    public static ToolList Read(ApiField tools, out Dictionary<string, (string Group, string Name)> grouped)
    {
        var list = new ToolList();
        grouped = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var tool in tools.Items(ApiLimits.Tools))
        {
            if (tool.RequireObject()["type"].TextOrNothing() == "namespace")
            {
                AddGroup(list, tool, grouped);
            }
            else
            {
                Add(list, tool, group: null);
            }
        }

        return list;
    }

    /// <summary>The name under which the model sees a tool of a group.</summary>
    public static string FlatName(string? group, string name) => group is null ? name : group + Joint + name;

    private static void AddGroup(ToolList list, ApiField tool, Dictionary<string, (string Group, string Name)> grouped)
    {
        var group = tool["name"].NameText();
        foreach (var inner in tool["tools"].Items(ApiLimits.Tools))
        {
            if (Add(list, inner.RequireObject(), group) is { } name)
            {
                grouped[FlatName(group, name)] = (group, name);
            }
        }
    }

    private static string? Add(ToolList list, ApiField tool, string? group)
    {
        switch (tool["type"].TextOrNothing())
        {
            case "function":
                var function = tool["name"].NameText();
                list.AddFunction(FlatName(group, function), tool, "parameters", verbatim: false);
                return function;
            case "custom":
                var custom = tool["name"].NameText();
                list.AddFreeText(FlatName(group, custom), tool);
                return custom;
            default:
                return null;
        }
    }
}
