using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Forge.Gateway.Protocols.Reading;

/// <summary>A value of a request with its place, so that a refusal names both. A field that is missing and one that is null are the same.</summary>
internal readonly struct ApiField(JsonElement value, ApiPath? path)
{
    public JsonElement Value => value;

    public bool IsGiven => value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public bool IsText => value.ValueKind == JsonValueKind.String;

    public bool IsArray => value.ValueKind == JsonValueKind.Array;

    public bool IsObject => value.ValueKind == JsonValueKind.Object;

    /// <summary>A member; absent when this is no object.</summary>
    public ApiField this[string name]
        => new(IsObject && value.TryGetProperty(name, out var member) ? member : default, new ApiPath(path, name, -1));

    public string Text() => IsText ? value.GetString()! : throw Fault("must be a string");

    public string? OptionalText() => IsGiven ? Text() : null;

    /// <summary>A text when it is one, null for anything else: for fields that nothing depends on.</summary>
    public string? TextOrNothing() => IsText ? value.GetString() : null;

    /// <summary>The name of a tool or a model.</summary>
    public string NameText()
    {
        var text = Text();
        return text.Length is > 0 and <= ApiLimits.NameLength && !text.Any(char.IsControl)
            ? text
            : throw Fault(Invariant($"must be 1 to {ApiLimits.NameLength} characters without control characters"));
    }

    public bool Flag(bool fallback) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => fallback,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Fault("must be true or false"),
    };

    public long? OptionalWhole(long least, long most)
    {
        if (!IsGiven)
        {
            return null;
        }

        // 32000.0 is the whole number that it says; one beyond 64 bits is not.
        return value.ValueKind == JsonValueKind.Number && TryWhole(out var whole) && whole >= least && whole <= most
            ? whole
            : throw Fault(most == long.MaxValue
                ? Invariant($"must be a whole number of at least {least}")
                : Invariant($"must be a whole number from {least} to {most}"));
    }

    public int? OptionalCount(int least, int most) => (int?)OptionalWhole(least, most);

    public double? OptionalNumber(double least, double most)
        => !IsGiven ? null
            : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most ? number
            : throw Fault(Invariant($"must be a number from {least} to {most}"));

    /// <summary>One of the words; null when the field is not given.</summary>
    public string? OptionalWord(params ReadOnlySpan<string> words)
    {
        var text = OptionalText();
        return text is null || words.Contains(text) ? text : throw Fault($"must be one of {string.Join(", ", words!)}");
    }

    /// <summary>The items of an array; none when the field is not given.</summary>
    public IEnumerable<ApiField> Items(int most)
    {
        if (!IsGiven)
        {
            return [];
        }

        if (!IsArray)
        {
            throw Fault("must be an array");
        }

        var count = value.GetArrayLength();
        return count <= most
            ? Each(value, path)
            : throw new ApiFaultException(ApiFaultKind.Invalid, Invariant($"{Name()} has {count} items; at most {most} are taken."), Name());
    }

    public ApiField RequireObject() => IsObject ? this : throw Fault("must be an object");

    /// <summary>The place, as a fault names it.</summary>
    public string Name() => path?.ToString() ?? "body";

    public ApiFaultException Fault(string expected)
        => new(ApiFaultKind.Invalid, IsGiven ? $"{Name()} is {Shown()}: it {expected}." : $"{Name()} is missing: it {expected}.", path?.ToString());

    [SuppressMessage("Globalization", "CA1305", Justification = "The handler is invariant.")]
    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<ApiField> Each(JsonElement array, ApiPath? path)
    {
        var index = 0;
        foreach (var item in array.EnumerateArray())
        {
            yield return new ApiField(item, new ApiPath(path, null, index++));
        }
    }

    private bool TryWhole(out long whole)
    {
        if (value.TryGetInt64(out whole))
        {
            return true;
        }

        if (value.TryGetDouble(out var number) && Math.Abs(number) < 1L << 53 && double.IsInteger(number))
        {
            whole = (long)number;
            return true;
        }

        return false;
    }

    private string Shown()
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        return raw.Length <= ApiLimits.ShownLength
            ? Encoding.UTF8.GetString(raw)
            : Encoding.UTF8.GetString(raw[..ApiLimits.ShownLength]).TrimEnd('\uFFFD') + "…";
    }
}
