using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Forge.Gateway.Protocols.Reading;

/// <summary>Checks a request as a whole, before its fields are looked at: an object of readable text that is not nested too deeply.</summary>
internal static class ApiBody
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);

    private static ReadOnlySpan<byte> SurrogateEscape => "\\ud"u8;

    private static ReadOnlySpan<byte> LoudSurrogateEscape => "\\uD"u8;

    public static ApiField Open(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, $"The request's body is {Article(body.ValueKind)}: it must be a JSON object.");
        }

        var raw = JsonMarshal.GetRawUtf8Value(body);
        if (!Utf8.IsValid(raw))
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, "The request's body is not valid UTF-8.");
        }

        if (TooDeep(raw))
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, $"The request's body is nested more than {ApiLimits.Depth} levels deep.");
        }

        // Only an escape can hide half of a pair, and few bodies have any in that range.
        if ((raw.IndexOf(SurrogateEscape) >= 0 || raw.IndexOf(LoudSurrogateEscape) >= 0) && !IsReadable(body))
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, "A string of the request holds half of a surrogate pair: it is no text.");
        }

        return new ApiField(body, null);
    }

    // The text is JSON already; most of it are strings, which are leapt over.
    private static bool TooDeep(ReadOnlySpan<byte> raw)
    {
        var depth = 0;
        for (var at = raw.IndexOfAny(Structure); at >= 0; at = raw.IndexOfAny(Structure))
        {
            var found = raw[at];
            raw = found == '"' ? AfterString(raw[(at + 1)..]) : raw[(at + 1)..];
            depth += found switch { (byte)'{' or (byte)'[' => 1, (byte)'}' or (byte)']' => -1, _ => 0 };
            if (depth > ApiLimits.Depth)
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> AfterString(ReadOnlySpan<byte> raw)
    {
        var at = raw.IndexOfAny((byte)'"', (byte)'\\');
        while (at >= 0 && raw[at] == '\\')
        {
            raw = raw[(at + 2)..];
            at = raw.IndexOfAny((byte)'"', (byte)'\\');
        }

        return raw[(at + 1)..];
    }

    private static bool IsReadable(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is not null,
                JsonValueKind.Array => value.EnumerateArray().All(IsReadable),
                JsonValueKind.Object => value.EnumerateObject().All(member => member.Name is not null && IsReadable(member.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Article(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };
}
