using System.Text;
using Forge.Core.Chat;
using Forge.Core.Text.Json;

namespace Forge.Core.Text.MiniMax;

/// <summary>A call under construction: its name, and the parameters' texts in the order of their first appearance.</summary>
internal sealed class PendingCall(string name)
{
    private readonly List<KeyValuePair<string, string>> _parameters = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    /// <summary>Adds a parameter; a repeated one keeps its first place and its last value.</summary>
    public void Add(string parameter, string value)
    {
        if (_places.TryAdd(parameter, _parameters.Count))
        {
            _parameters.Add(new(parameter, value));
        }
        else
        {
            _parameters[_places[parameter]] = new(parameter, value);
        }
    }

    public ToolCall Complete(string id, ToolSchemas schemas)
    {
        var arguments = new StringBuilder("{");
        foreach (var (parameter, value) in _parameters)
        {
            arguments.Append(arguments.Length == 1 ? "" : ", ");
            PythonJson.WriteString(arguments, parameter);
            arguments.Append(": ");
            ParameterValue.Write(arguments, value, schemas.TypesOf(name, parameter));
        }

        return new ToolCall(id, name, arguments.Append('}').ToString());
    }
}
