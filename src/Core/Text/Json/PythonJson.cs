using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Forge.Core.Text.Json;

/// <summary>
/// Writes JSON as Python's <c>json.dumps(json.loads(text), ensure_ascii=False)</c> does, which is what chat templates
/// print: ", " and ": " between parts, floats by <c>repr</c>, integers exact, of a repeated key the first place and
/// the last value.
/// </summary>
public static class PythonJson
{
    private const int MaxDepth = 512;

    // repr() turns to exponents below 1e-4 and from 1e16 on.
    private const int LowestPlainExponent = -4;
    private const int HighestPlainExponent = 15;

    /// <summary>Rewrites a JSON text.</summary>
    /// <exception cref="FormatException">The text is not JSON.</exception>
    public static string Format(string json)
    {
        using var document = Parse(json);
        var output = new StringBuilder(json.Length + 16);
        Write(output, document.RootElement);
        return output.ToString();
    }

    /// <summary>Parses a JSON text; lone surrogates in it count as U+FFFD.</summary>
    /// <exception cref="FormatException">The text is not JSON.</exception>
    public static JsonDocument Parse(string json)
    {
        try
        {
            return JsonDocument.Parse(Encoding.UTF8.GetBytes(json), new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException error)
        {
            throw new FormatException($"Not JSON: {error.Message}", error);
        }
    }

    /// <summary>Writes a value.</summary>
    public static void Write(StringBuilder output, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteMembers(output, Members(value));
                break;
            case JsonValueKind.Array:
                WriteItems(output, value);
                break;
            case JsonValueKind.String:
                WriteString(output, Text(value));
                break;
            case JsonValueKind.Number:
                WriteNumber(output, value.GetRawText());
                break;
            default:
                output.Append(value.GetRawText());
                break;
        }
    }

    /// <summary>Writes a string with its quotes; only quotes, backslashes and controls below U+0020 are escaped.</summary>
    public static void WriteString(StringBuilder output, string text)
    {
        output.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => output.Append("\\\""),
                '\\' => output.Append(@"\\"),
                '\n' => output.Append(@"\n"),
                '\r' => output.Append(@"\r"),
                '\t' => output.Append(@"\t"),
                '\f' => output.Append(@"\f"),
                '\b' => output.Append(@"\b"),
                < ' ' => output.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => output.Append(c),
            };
        }

        output.Append('"');
    }

    /// <summary>The text of a JSON string; unlike <see cref="JsonElement.GetString"/> it takes lone surrogates.</summary>
    public static string Text(JsonElement value) => Unescape(JsonMarshal.GetRawUtf8Value(value)[1..^1]);

    /// <summary>An object's members as in a Python dict: a repeated key keeps its first place and its last value.</summary>
    public static List<KeyValuePair<string, JsonElement>> Members(JsonElement value)
    {
        var members = new List<KeyValuePair<string, JsonElement>>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            var name = Unescape(JsonMarshal.GetRawUtf8PropertyName(property));
            if (places.TryAdd(name, members.Count))
            {
                members.Add(new(name, property.Value));
            }
            else
            {
                members[places[name]] = new(name, property.Value);
            }
        }

        return members;
    }

    private static void WriteMembers(StringBuilder output, List<KeyValuePair<string, JsonElement>> members)
    {
        output.Append('{');
        for (var i = 0; i < members.Count; i++)
        {
            output.Append(i == 0 ? "" : ", ");
            WriteString(output, members[i].Key);
            output.Append(": ");
            Write(output, members[i].Value);
        }

        output.Append('}');
    }

    private static void WriteItems(StringBuilder output, JsonElement array)
    {
        output.Append('[');
        var first = true;
        foreach (var item in array.EnumerateArray())
        {
            output.Append(first ? "" : ", ");
            first = false;
            Write(output, item);
        }

        output.Append(']');
    }

    private static void WriteNumber(StringBuilder output, string literal)
    {
        if (literal.AsSpan().IndexOfAny(".eE") < 0)
        {
            output.Append(literal == "-0" ? "0" : literal);
        }
        else
        {
            output.Append(Repr(double.Parse(literal, NumberStyles.Float, CultureInfo.InvariantCulture)));
        }
    }

    // Both print the shortest digits that read back as the same number; only the layout differs.
    private static string Repr(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }

        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var exponent = value == 0 ? 0 : ExponentOf(shortest);
        var digits = Digits(shortest);
        var sign = double.IsNegative(value) ? "-" : "";
        if (exponent is < LowestPlainExponent or > HighestPlainExponent)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            var exponentSign = exponent < 0 ? '-' : '+';
            return string.Create(
                CultureInfo.InvariantCulture, $"{sign}{digits[0]}{fraction}e{exponentSign}{Math.Abs(exponent):00}");
        }

        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        var whole = digits.PadRight(exponent + 1, '0');
        return $"{sign}{whole[..(exponent + 1)]}.{(whole.Length > exponent + 1 ? whole[(exponent + 1)..] : "0")}";
    }

    // Significant digits without leading or trailing zeros; "0" for zero.
    private static string Digits(string shortest)
    {
        var mantissa = shortest.Split('E')[0].TrimStart('-').Replace(".", "", StringComparison.Ordinal);
        var digits = mantissa.TrimStart('0').TrimEnd('0');
        return digits.Length == 0 ? "0" : digits;
    }

    // The decimal exponent of the first significant digit.
    private static int ExponentOf(string shortest)
    {
        var parts = shortest.TrimStart('-').Split('E');
        var written = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? parts[0] : parts[0][..point];
        if (whole.TrimStart('0').Length > 0)
        {
            return written + whole.TrimStart('0').Length - 1;
        }

        var fraction = parts[0][(point + 1)..];
        var zeros = fraction.Length - fraction.TrimStart('0').Length;
        return written - zeros - 1;
    }

    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        var text = Encoding.UTF8.GetString(raw);
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var output = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                output.Append(text[i]);
                continue;
            }

            i++;
            if (text[i] == 'u')
            {
                output.Append((char)int.Parse(text.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 4;
            }
            else
            {
                output.Append(text[i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', var c => c });
            }
        }

        return output.ToString();
    }
}
