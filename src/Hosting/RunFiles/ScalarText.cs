using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Forge.Hosting.RunFiles;

/// <summary>Turns the words of a run file into values and back; both ways use the invariant culture.</summary>
internal static partial class ScalarText
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    private static readonly Dictionary<Type, (string Expected, Func<RunScalar, object?> Read)> Readers = new()
    {
        [typeof(string)] = ("text", scalar => scalar.Text),
        [typeof(bool)] = ("true or false", scalar => Plain(scalar) switch { "true" => true, "false" => false, _ => null }),
        [typeof(int)] = ("a whole number", scalar => Whole(scalar) is { } number && number >= int.MinValue && number <= int.MaxValue ? (int)number : null),
        [typeof(long)] = ("a whole number", scalar => Whole(scalar) is { } number && number >= long.MinValue && number <= long.MaxValue ? (long)number : null),
        [typeof(ulong)] = ("a whole number from 0", scalar => Whole(scalar) is { } number && number >= 0 && number <= ulong.MaxValue ? (ulong)number : null),
        [typeof(double)] = ("a number", scalar => Number(scalar)),
        [typeof(float)] = ("a number", scalar => (float?)Number(scalar)),
        [typeof(TimeSpan)] = ("a duration such as 250ms, 30s, 5m, 1h30m", scalar => Duration(Plain(scalar))),
    };

    private static readonly JsonSerializerOptions QuoteOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool Reads(Type type) => type.IsEnum || Readers.ContainsKey(type);

    /// <summary>Says what a value of this type looks like, for error messages.</summary>
    public static string Expected(Type type) => type.IsEnum ? $"one of {string.Join(", ", Names(type))}" : Readers[type].Expected;

    /// <summary>Returns null when the text is not a value of the type.</summary>
    public static object? Read(Type type, RunScalar scalar)
    {
        if (!type.IsEnum)
        {
            return Readers[type].Read(scalar);
        }

        var name = Enum.GetNames(type).FirstOrDefault(candidate => SnakeCase.Of(candidate) == scalar.Text);
        return name is null ? null : Enum.Parse(type, name);
    }

    public static IEnumerable<string> Names(Type type) => Enum.GetNames(type).Select(SnakeCase.Of).Where(name => name != "unspecified");

    /// <summary>Writes a value so that <see cref="Read"/> returns an equal one; text is quoted where YAML would take it for something else.</summary>
    public static string Write(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => PlainText().IsMatch(text) && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off") ? text : Quote(text),
        TimeSpan duration => Duration(duration),
        Enum name => SnakeCase.Of(name.ToString()),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"A run file can't hold a {value.GetType()}.", nameof(value)),
    };

    private static string? Plain(RunScalar scalar) => scalar.IsQuoted ? null : scalar.Text;

    private static decimal? Whole(RunScalar scalar)
        => Plain(scalar) is { } text && WholeNumber().IsMatch(text)
            && decimal.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    private static double? Number(RunScalar scalar)
        => Plain(scalar) is { } text
            && double.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? number : null;

    private static TimeSpan? Duration(string? text)
    {
        if (text is null || !WholeDuration().IsMatch(text))
        {
            return null;
        }

        var ticks = DurationPart().Matches(text).Sum(part =>
            Units.Single(unit => unit.Unit == part.Groups["unit"].Value).Length.Ticks
            * double.Parse(part.Groups["number"].Value, CultureInfo.InvariantCulture));
        return ticks < long.MaxValue ? TimeSpan.FromTicks((long)Math.Round(ticks)) : null;
    }

    private static string Duration(TimeSpan duration)
    {
        var (unit, length) = Units.FirstOrDefault(unit => duration != TimeSpan.Zero && duration.Ticks % unit.Length.Ticks == 0, Units[^1]);
        return (duration / length).ToString(CultureInfo.InvariantCulture) + unit;
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text, QuoteOptions);

    [GeneratedRegex(@"^[A-Za-z_/.][A-Za-z0-9_/. -]*(?<! )$")]
    private static partial Regex PlainText();

    [GeneratedRegex(@"^[+-]?[0-9][0-9_]*$")]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$")]
    private static partial Regex WholeDuration();

    [GeneratedRegex(@"(?<number>[0-9]+(\.[0-9]+)?)(?<unit>ms|s|m|h|d)")]
    private static partial Regex DurationPart();
}
