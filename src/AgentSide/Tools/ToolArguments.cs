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
        using var arguments = Parse(argumentsJson);
        if (arguments is null)
        {
            problem = ToolObservation.Invalid("arguments are not an object");
            return false;
        }

        for (var index = 0; index < names.Length; index++)
        {
            if (!arguments.RootElement.TryGetProperty(names[index], out var value) || Text(value) is not { } text)
            {
                problem = ToolObservation.Invalid($"need {names[index]}");
                return false;
            }

            values[index] = text;
        }

        return true;
    }

    /// <summary>Gives a JSON object whose names and texts are all Unicode, or null: a model may write half of a surrogate pair.</summary>
    public static JsonDocument? Parse(string argumentsJson)
    {
        try
        {
            var arguments = JsonDocument.Parse(argumentsJson);
            if (arguments.RootElement.ValueKind == JsonValueKind.Object)
            {
                Read(arguments.RootElement);
                return arguments;
            }

            arguments.Dispose();
            return null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // Throws InvalidOperationException at a text that is none.
    private static void Read(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in value.EnumerateObject())
            {
                _ = property.Name;
                Read(property.Value);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                Read(item);
            }
        }
        else if (value.ValueKind == JsonValueKind.String)
        {
            _ = value.GetString();
        }
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}
