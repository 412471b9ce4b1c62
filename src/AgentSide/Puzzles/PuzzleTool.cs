using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;

namespace Forge.AgentSide.Puzzles;

/// <summary>A method as a tool: its schema, and calls with the arguments that a model wrote.</summary>
internal sealed class PuzzleTool
{
    private static readonly Dictionary<Type, string> JsonTypes = new()
    {
        [typeof(string)] = "string",
        [typeof(int)] = "integer",
        [typeof(long)] = "integer",
        [typeof(double)] = "number",
        [typeof(bool)] = "boolean",
    };

    private readonly MethodInfo _method;
    private readonly bool _takesState;
    private readonly ParameterInfo[] _parameters;

    /// <exception cref="ArgumentException">The method has a parameter that JSON does not name.</exception>
    public PuzzleTool(MethodInfo method, ToolAttribute attribute)
    {
        _method = method;
        var parameters = method.GetParameters();
        _takesState = parameters.Length > 0 && !JsonTypes.ContainsKey(parameters[0].ParameterType);
        _parameters = parameters[(_takesState ? 1 : 0)..];
        if (_parameters.FirstOrDefault(parameter => !JsonTypes.ContainsKey(parameter.ParameterType)) is { } stray)
        {
            throw new ArgumentException(
                $"Tool {method.DeclaringType!.Name}.{method.Name}: parameter '{stray.Name}' is a {stray.ParameterType.Name}; a tool takes the puzzle or "
                + "its state first, then string, int, long, double and bool.");
        }

        Definition = new ToolDefinition(JsonNamingPolicy.SnakeCaseLower.ConvertName(method.Name), attribute.Description, Schema());
    }

    public ToolDefinition Definition { get; }

    /// <summary>Calls the method; what does not fit its parameters is an observation.</summary>
    public ToolObservation Call(object environment, object state, string argumentsJson)
    {
        using var given = ToolArguments.Parse(argumentsJson);
        if (given is null)
        {
            return ToolObservation.Invalid("arguments are not an object");
        }

        var values = new List<object?>();
        if (_takesState)
        {
            values.Add(state);
        }

        foreach (var parameter in _parameters)
        {
            if (!TryRead(given.RootElement, parameter, out var value))
            {
                return ToolObservation.Invalid($"need {parameter.Name}, {JsonTypes[parameter.ParameterType]}");
            }

            values.Add(value);
        }

        return _method.Invoke(_method.IsStatic ? null : environment, BindingFlags.DoNotWrapExceptions, null, [.. values], CultureInfo.InvariantCulture) switch
        {
            ToolObservation observation => observation,
            { } result => ToolObservation.Ok(Convert.ToString(result, CultureInfo.InvariantCulture) ?? ""),
            null => ToolObservation.Failed("nothing found"),
        };
    }

    // A number may stand where the schema says string, and a number's text where it says number: models write both.
    private static bool TryRead(JsonElement given, ParameterInfo parameter, out object? value)
    {
        value = parameter.HasDefaultValue ? parameter.DefaultValue : null;
        if (!given.TryGetProperty(parameter.Name!, out var argument))
        {
            return parameter.HasDefaultValue;
        }

        var (type, text) = (parameter.ParameterType, TextOf(argument));
        const NumberStyles whole = NumberStyles.AllowLeadingSign;
        value = type == typeof(string) ? text
            : type == typeof(int) ? int.TryParse(text, whole, CultureInfo.InvariantCulture, out var number) ? number : null
            : type == typeof(long) ? long.TryParse(text, whole, CultureInfo.InvariantCulture, out var large) ? large : null
            : type == typeof(double) ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? real : null
            : bool.TryParse(text, out var flag) ? flag : null;
        return value is not null;
    }

    private static string? TextOf(JsonElement argument) => argument.ValueKind switch
    {
        JsonValueKind.String => argument.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => argument.GetRawText(),
        _ => null,
    };

    private string Schema() => new JsonObject
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(_parameters.Select(parameter
            => KeyValuePair.Create<string, JsonNode?>(parameter.Name!, new JsonObject { ["type"] = JsonTypes[parameter.ParameterType] }))),
        ["required"] = new JsonArray([.. _parameters.Where(parameter => !parameter.HasDefaultValue).Select(parameter => (JsonNode)parameter.Name!)]),
    }.ToJsonString();
}
