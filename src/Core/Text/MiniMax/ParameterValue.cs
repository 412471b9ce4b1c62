using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Forge.Core.Text.Json;

namespace Forge.Core.Text.MiniMax;

/// <summary>Turns a parameter's text into a JSON value of a type that the schema allows, else leaves it a string.</summary>
internal static class ParameterValue
{
    private const int MaxDigits = 1000;

    /// <summary>
    /// Tries null, integer, number, boolean, object or array, in this order, of those allowed. Where a string is allowed
    /// too, only text that is exactly such a value is converted; else white space around it, any capitals of true and
    /// false, and 1 and 0 for them are taken as well.
    /// </summary>
    public static void Write(StringBuilder output, string text, JsonTypes types)
    {
        var exact = types.HasFlag(JsonTypes.String);
        var trimmed = exact ? text : text.Trim();
        if (types != JsonTypes.String && Convert(trimmed, types, exact) is { } json)
        {
            output.Append(json);
        }
        else
        {
            PythonJson.WriteString(output, text);
        }
    }

    private static string? Convert(string text, JsonTypes types, bool exact)
    {
        if (types.HasFlag(JsonTypes.Null) && text == "null")
        {
            return "null";
        }

        return Number(text, types, exact) ?? Boolean(text, types, exact) ?? Composite(text, types);
    }

    // A number under "integer" that is none (5.5) is still a number, unless the schema offers string for it.
    private static string? Number(string text, JsonTypes types, bool exact)
    {
        var integers = types.HasFlag(JsonTypes.Integer);
        var numbers = types.HasFlag(JsonTypes.Number);
        if ((!integers && !numbers) || !IsJsonNumber(text))
        {
            return null;
        }

        var isLiteralInteger = text.AsSpan().IndexOfAny(".eE") < 0;
        if (isLiteralInteger)
        {
            return text.Length <= MaxDigits ? text : null;
        }

        var value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value) || (exact && !numbers))
        {
            return null;
        }

        return !numbers && double.IsInteger(value) ? new BigInteger(value).ToString(CultureInfo.InvariantCulture) : text;
    }

    private static string? Boolean(string text, JsonTypes types, bool exact)
    {
        if (!types.HasFlag(JsonTypes.Boolean))
        {
            return null;
        }

        return (exact ? text : text.ToUpperInvariant()) switch
        {
            "true" or "TRUE" when !exact || text == "true" => "true",
            "false" or "FALSE" when !exact || text == "false" => "false",
            "1" when !exact => "true",
            "0" when !exact => "false",
            _ => null,
        };
    }

    private static string? Composite(string text, JsonTypes types)
    {
        if ((types & (JsonTypes.Object | JsonTypes.Array)) == 0 || text.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            return null;
        }

        try
        {
            using var document = PythonJson.Parse(text);
            return IsFinite(document.RootElement) ? document.RootElement.GetRawText() : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static bool IsFinite(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => double.IsFinite(value.GetDouble()),
        JsonValueKind.Array => value.EnumerateArray().All(IsFinite),
        JsonValueKind.Object => value.EnumerateObject().All(member => IsFinite(member.Value)),
        _ => true,
    };

    // -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
    private static bool IsJsonNumber(string text)
    {
        var rest = text.AsSpan();
        rest = rest is ['-', ..] ? rest[1..] : rest;
        var whole = Digits(rest);
        if (whole == 0 || (whole > 1 && rest[0] == '0'))
        {
            return false;
        }

        rest = rest[whole..];
        if (rest is ['.', ..])
        {
            var fraction = Digits(rest[1..]);
            if (fraction == 0)
            {
                return false;
            }

            rest = rest[(fraction + 1)..];
        }

        if (rest is ['e' or 'E', ..])
        {
            rest = rest[1..];
            rest = rest is ['+' or '-', ..] ? rest[1..] : rest;
            return !rest.IsEmpty && Digits(rest) == rest.Length;
        }

        return rest.IsEmpty;
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? text.Length : end;
    }
}
