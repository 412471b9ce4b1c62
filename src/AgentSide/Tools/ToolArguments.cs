using System.Text.Json;

namespace Forge.AgentSide.Tools;

/// <summary>Reads the arguments of a tool whose parameters are all required strings.</summary>
public static class ToolArguments
{
    /// <summary>
    /// Gives the values in the order of <paramref name="names"/>, or an observation that tells the model what is wrong.
    /// A number is taken as its text: a model may write 12 where the schema says string.
    /// </summary>
    public static bool TryRead(
        string argumentsJson, ReadOnlySpan<string> names, out string[] values, out ToolObservation? problem)
    {
        values = new string[names.Length];
        problem = null;
        if (!TryParse(argumentsJson, out var arguments))
        {
            problem = ToolObservation.Invalid("arguments are not an object");
            return false;
        }

        using (arguments)
        {
            for (var index = 0; index < names.Length; index++)
            {
                if (!arguments!.RootElement.TryGetProperty(names[index], out var value) || Text(value) is not { } text)
                {
                    problem = ToolObservation.Invalid($"need {names[index]}");
                    return false;
                }

                values[index] = text;
            }
        }

        return true;
    }

    private static bool TryParse(string json, out JsonDocument? arguments)
    {
        arguments = null;
        try
        {
            arguments = JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return false;
        }

        if (arguments.RootElement.ValueKind == JsonValueKind.Object)
        {
            return true;
        }

        arguments.Dispose();
        return false;
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}
