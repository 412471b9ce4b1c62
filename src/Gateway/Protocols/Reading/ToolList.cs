using System.Collections.Immutable;
using Forge.Core.Chat;

namespace Forge.Gateway.Protocols.Reading;

/// <summary>The tools of a request in its order, each name once, and which of them take free text.</summary>
internal sealed class ToolList
{
    private readonly List<ToolDefinition> _tools = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _freeText = [];

    public IReadOnlyList<string> FreeText => _freeText;

    public bool Contains(string name) => _names.Contains(name);

    /// <summary>Adds a function; its schema is an object of no parameters when none is given.</summary>
    /// <param name="name">What the model calls it; the field's own name unless it was flattened out of a group.</param>
    /// <param name="function">The object with description and schema.</param>
    /// <param name="schemaField">The schema's field.</param>
    /// <param name="verbatim">Whether the model sees the object exactly as it came.</param>
    public void AddFunction(string name, ApiField function, string schemaField, bool verbatim)
    {
        var schema = function[schemaField];
        Add(function, new ToolDefinition(
            name,
            function["description"].OptionalText() ?? "",
            schema.IsGiven ? schema.RequireObject().Value.GetRawText() : """{"type": "object", "properties": {}}""")
        {
            FunctionJson = verbatim ? function.Value.GetRawText() : null,
        });
    }

    public void AddFreeText(string name, ApiField tool)
    {
        Add(tool, new ToolDefinition(name, tool["description"].OptionalText() ?? "", ToolArguments.FreeTextSchema));
        _freeText.Add(name);
    }

    /// <summary>Leaves only these; for choices that allow some of the tools.</summary>
    public void Keep(HashSet<string> allowed) => _tools.RemoveAll(tool => !allowed.Contains(tool.Name));

    public ImmutableArray<ToolDefinition> ToTools() => [.. _tools];

    private void Add(ApiField field, ToolDefinition tool)
    {
        if (!_names.Add(tool.Name))
        {
            throw new ApiFaultException(
                ApiFaultKind.Invalid, $"{field.Name()} is a second tool of the name '{tool.Name}': give each tool a name of its own.", field.Name());
        }

        if (_tools.Count == ApiLimits.Tools)
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, $"{field.Name()} is one tool too many; at most {ApiLimits.Tools} are taken.", field.Name());
        }

        _tools.Add(tool);
    }
}
